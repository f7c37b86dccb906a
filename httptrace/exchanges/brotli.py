"""Brotli, streamed (RFC 7932; "br" in RFC 9110 §18.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from httptrace.exchanges.engines import Problem
from httptrace.limits import BROTLI_PIECE, BROTLI_REPLAY, KIB, MIB

#: Coded bytes handed over at once. Brotli 1.1 cannot bound what a call gives, and a few bytes may stand for
#: 16 MiB.
_SLICE = 4 * KIB
_SLICE_UNBOUNDED = 64

#: The largest window, and what the decoder takes beside it.
_WINDOW = 16 * MIB
_STATE = 128 * KIB


class Brotli:
    """One Brotli stream. Nothing may follow it, but zeros are taken for padding, as behind gzip."""

    __slots__ = ("_decompressor", "_given", "_log", "_logged", "_module", "_slice", "magic", "problem")

    def __init__(self) -> None:
        try:
            import brotli
        except ImportError:
            import brotlicffi as brotli
        self.magic = b""
        self.problem: Problem | None = None
        self._module: Any = brotli
        self._decompressor: Any = brotli.Decompressor()
        self._slice = _SLICE if hasattr(self._decompressor, "can_accept_more_data") else _SLICE_UNBOUNDED
        self._log: list[bytes] = []  # all coded bytes, while there are no more than BROTLI_REPLAY
        self._logged = 0
        self._given = 0

    @property
    def weight(self) -> int:
        """The window is no larger than what was decoded (RFC 7932 §9.1: 16 MiB at most)."""
        return _STATE + min(self._given, _WINDOW) + min(self._logged, BROTLI_REPLAY)

    def feed(self, data: bytes) -> Iterator[bytes]:
        start = 0
        while start < len(data) and self.problem is None:
            bounded = self._logged <= BROTLI_REPLAY
            part = data[start : start + (self._slice if bounded else _SLICE_UNBOUNDED)]
            start += len(part)
            if self._decompressor.is_finished():
                self._behind(part)
                continue
            try:
                for piece in _pieces(self._decompressor, part):
                    self._given += len(piece)
                    yield piece
            except self._module.error:
                if bounded:
                    yield from self._recover(part)
                else:
                    self.problem = Problem.DAMAGED
                return
            if bounded:
                self._log.append(part)
                self._logged += len(part)
                if self._logged > BROTLI_REPLAY:
                    self._log.clear()

    def finish(self) -> None:
        if self.problem is None and not self._decompressor.is_finished():
            self.problem = Problem.CUT

    def _behind(self, data: bytes) -> None:
        if data.strip(b"\0"):
            self.problem = Problem.TRAILING

    def _recover(self, data: bytes) -> Iterator[bytes]:
        """Decode all of it again, the failing slice byte by byte: a failing call gives nothing of what it
        decoded.
        """
        self._decompressor = decompressor = self._module.Decompressor()
        skip = self._given
        single = [data[at : at + 1] for at in range(len(data))]
        for at, part in enumerate((*self._log, *single), -len(self._log)):
            if decompressor.is_finished():
                self._behind(data[at:])
                return
            try:
                for piece in _pieces(decompressor, part):
                    fresh = piece[max(0, skip) :]
                    skip -= len(piece)
                    if fresh:
                        self._given += len(fresh)
                        yield fresh
            except self._module.error:
                self.problem = Problem.DAMAGED if self._given else Problem.MISLABELLED
                return


def _pieces(decompressor: Any, data: bytes) -> Iterator[bytes]:
    """What `data` yields, in pieces; the module's error where it fails."""
    if not hasattr(decompressor, "can_accept_more_data"):  # Brotli 1.1
        piece = decompressor.process(data)
        if piece:
            yield piece
        return
    piece = decompressor.process(data, output_buffer_limit=BROTLI_PIECE)
    if piece:
        yield piece
    # It takes more data before all output of the former was fetched: a piece at the limit means more.
    while not decompressor.is_finished():
        if len(piece) < BROTLI_PIECE and decompressor.can_accept_more_data():
            return
        piece = decompressor.process(b"", output_buffer_limit=BROTLI_PIECE)
        if piece:
            yield piece
