"""Content codings undone while the body streams by, in any stack (RFC 9110 §8.4).

A decoder is fed the coded body in order and gives the decoded one in pieces. Odd input is never an exception:
`problem` says what was wrong. Three outcomes, as the contract has them:

- Nothing could be undone (an unknown coding, or the bytes are not what the label says): the body comes out as
  it is. Until the first success the coded bytes are kept for that, at most `UNDECODED` of them.
- Decoded up to some point (cut, hole, damage, bound): what was decoded counts.
- Decoded whole, but a checksum is wrong or something follows: what was decoded counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from httptrace import notes
from httptrace.exchanges.brotli import Brotli
from httptrace.exchanges.engines import SLICE, Engine, Problem
from httptrace.exchanges.inflate import Deflate, Gzip
from httptrace.exchanges.lzw import Lzw
from httptrace.exchanges.zstd import Zstd
from httptrace.limits import CODINGS, DECODED, DECODED_FREE, DECODED_RATIO, UNDECODED, Room

#: Decoded bytes in front of which an error means "it never was that", where the format has no magic: text is
#: taken for Brotli or raw DEFLATE for a few bytes now and then.
_PROOF = 512

#: RFC 9110 §18.6, with the old names that §8.4.1 asks recipients to understand.
_ENGINES: dict[str, Callable[[], Engine]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
    "compress": Lzw,
    "x-compress": Lzw,
}


def parse_codings(values: str | None) -> list[str]:
    """The codings of a Content-Encoding value, lower case, in the order they were applied (RFC 9110 §8.4).

    Empty list elements are skipped (RFC 9110 §5.6.1.2); several field lines are to be joined with ", ".
    """
    if not values:
        return []
    return [name for element in values.split(",") if (name := element.strip(" \t").lower())]


def decoder(codings: Sequence[str], limit: int = DECODED, room: Room | None = None) -> Decoder | None:
    """What undoes these codings (in the order they were applied); None where there is none but identity.

    `room`: where the memory of all open decoders is counted. Where it has none, the bytes stay as they are.
    """
    if len(codings) == 1 and codings[0] in _ENGINES:
        return _within(room, Decoder((_ENGINES[codings[0]](),), codings, limit))
    names = [lower for name in codings if (lower := name.lower()) and lower != "identity"]
    if not names:
        return None
    names.reverse()
    if len(names) > CODINGS:
        return Decoder((), names, limit, Problem.LIMIT)
    for name in names:
        if name not in _ENGINES:
            return Decoder((), [name], limit, Problem.UNKNOWN)
    return _within(room, Decoder(tuple(_ENGINES[name]() for name in names), names, limit))


def _within(room: Room | None, made: Decoder) -> Decoder:
    """The decoder, if there is room for it; else one that leaves the bytes as they are."""
    return made if room is None or made.counts_in(room) else made.without_engines()


class Decoder:
    """Undoes one or more codings.

    `problem`: what was wrong, None as long as nothing is; `coding`: in which of them; `size`: the bytes given
    so far, decoded or as they are.

    `feed` and `finish` give pieces; they must be iterated to the end (the decoding goes on while they are).
    No piece is much larger than 1 MiB. Bytes that stay as they are may come late, but they all come.

    The attributes have their first values on the class: most bodies are small, and making a decoder is half
    their cost.
    """

    problem: Problem | None = None
    size = 0
    _usual = False  # one coding that has a magic, and no problem so far
    _as_is = False
    _done = False  # nothing more is decoded
    _taken = 0  # coded bytes
    _raw_size = 0  # of `_raw`
    _room: Room | None = None
    _weight = 0  # what is taken of it

    def __init__(
        self, engines: tuple[Engine, ...], names: Sequence[str], limit: int, problem: Problem | None = None
    ) -> None:
        """`engines` and `names` in the order they are undone; with a `problem` the bytes stay as they are."""
        self.coding = names[0]
        self._engines = engines
        self._names = names
        self._limit = limit
        self._proof = 1  # decoded bytes that show that the label is right; 0 when they were given
        self._raw: list[bytes] = []  # the coded bytes, until then
        self._held: list[bytes] = []  # decoded bytes, until then
        self._sizes = [0] * len(engines)  # bytes that each engine gave
        if problem is not None:
            self.problem = problem
            self._as_is = True
        elif len(engines) == 1 and engines[0].magic:
            self._usual = True
        elif not all(engine.magic for engine in engines):
            self._proof = _PROOF

    @property
    def may_gather(self) -> bool:
        """Whether coded bytes may be gathered and fed at once, because nothing depends on how they are cut.

        DEFLATE cannot reach DECODED_RATIO, so only its size is bounded. For the others, what a bomb yields
        depends on how many bytes were taken before it.
        """
        return len(self._engines) == 1 and isinstance(self._engines[0], Gzip) and not self._as_is

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The pieces that these next bytes of the coded body yield."""
        if self._usual and len(data) <= SLICE:
            self._taken += len(data)
            pieces = self._engines[0].feed(data)
            if pieces.__class__ is tuple:
                if pieces:
                    size = self.size + len(pieces[0])
                    if size <= DECODED_FREE and size <= self._limit:
                        self.size = self._sizes[0] = size
                        if self._proof:
                            self._proven()
                        return pieces
                elif not self._proof:
                    return pieces
            return self._settle(data, self._counted(pieces, 0))
        if self._as_is:
            self.size += len(data)
            return (data,)
        return () if self._done else self._feed(data)

    def gap(self) -> None:
        """Bytes are missing here: nothing behind them can be decoded. (Bytes that stay as they are go on.)"""
        if not self._as_is:
            self._end()
            self._complain(Problem.CUT, 0)

    def finish(self, cut: bool) -> Iterable[bytes]:
        """The last pieces. `cut`: the message was not seen to its end."""
        if self._room is not None:
            self.let_go()
        if self._usual and not self._proof and not cut:
            engine = self._engines[0]
            engine.finish()
            if engine.problem is None:
                return ()
        if not self._taken and not self.size and not self._done:
            self.problem = None  # an empty body is no error, whatever its label
        if self._as_is or not self._taken:
            return ()
        for index, engine in enumerate(self._engines):
            if engine.problem is None and (index == 0 or self._sizes[index - 1]):
                engine.finish()
            if engine.problem is not None:
                self._complain(engine.problem, index)
        if cut:
            self._complain(Problem.CUT, 0)
        if self.problem is Problem.CUT and self._proof and self._never_began(cut):
            self._complain(Problem.MISLABELLED, 0, replace=True)
            return self._give_raw()
        return self._held

    def counts_in(self, room: Room) -> bool:
        """Count in that room what this decoder takes; whether there is enough."""
        self._room = room
        return self._weigh()

    def without_engines(self) -> Decoder:
        """One for the same codings that undoes nothing."""
        return Decoder((), self._names, self._limit, Problem.LIMIT)

    def let_go(self) -> None:
        """Nothing more is decoded: what it takes is free again."""
        if self._room is not None:
            self._room.give_back(self._weight)
            self._room = None

    def _weigh(self) -> bool:
        """Count what the engines have come to take; whether there is room for it."""
        if self._room is None:
            return True
        more = sum(engine.weight for engine in self._engines) + self._raw_size - self._weight
        if more > 0:
            if not self._room.take(more):
                return False
            self._weight += more
        return True

    def note(self) -> tuple[str, str, dict[str, str]] | None:
        """The note that the problem stands for: its code, the template of its text, the values for that."""
        if self.problem is None:
            return None
        code = notes.DECODE_LIMIT if self.problem is Problem.LIMIT else notes.CONTENT_CODING_ERROR
        return code, self.problem.value, {"coding": self.coding}

    def _end(self) -> None:
        self._done = True
        self._usual = False

    def _complain(self, problem: Problem, index: int, replace: bool = False) -> None:
        """The first problem is the one that is told."""
        if self.problem is None or replace:
            self.problem = problem
            self.coding = self._names[index]

    def _feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), SLICE):
            part = data[start : start + SLICE]
            if self._as_is:
                self.size += len(part)
                yield part
            elif not self._done and part:
                self._taken += len(part)
                yield from self._settle(part, self._through(part, 0))

    def _through(self, data: bytes, index: int) -> Iterator[bytes]:
        """`data` through the engine of that index and all behind it."""
        pieces = self._counted(self._engines[index].feed(data), index)
        if index + 1 == len(self._engines):
            yield from pieces
            return
        for piece in pieces:
            yield from self._through(piece, index + 1)
            if self._done:
                return

    def _counted(self, pieces: Iterable[bytes], index: int) -> Iterator[bytes]:
        """The pieces of one engine, up to its bounds; its problem ends the decoding."""
        bound = min(self._limit, max(DECODED_FREE, DECODED_RATIO * self._taken))
        for piece in pieces:
            room = bound - self._sizes[index]
            self._sizes[index] += min(room, len(piece))
            if len(piece) > room:
                if room:
                    yield piece[:room]
                self._end()
                self._complain(Problem.LIMIT, index)
                return
            yield piece
            if self._done:
                return
        problem = self._engines[index].problem
        if problem is not None:
            self._end()
            self._complain(problem, index)

    def _settle(self, data: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, once it is sure that they are what the label says; else the bytes as they are."""
        if not self._proof:
            for piece in pieces:
                self.size += len(piece)
                yield piece
            self._stay_in_room()
            return
        self._raw.append(data)
        self._raw_size += len(data)
        for piece in pieces:
            self._held.append(piece)
            self.size += len(piece)
            if self._proof and self.size >= self._proof:
                self._proven()
            if not self._proof:
                yield from self._held
                self._held.clear()
        self._stay_in_room()
        if not self._proof:
            return
        if self._was_never():
            yield from self._give_raw()
        elif self._raw_size > UNDECODED and not self._done:
            self._complain(Problem.LIMIT, 0)
            yield from self._give_raw()

    def _stay_in_room(self) -> None:
        """Go no further where the engines have come to take more than there is room for."""
        if not self._done and not self._weigh():
            self._end()
            self._complain(Problem.LIMIT, 0)

    def _was_never(self) -> bool:
        """Whether the problem that was met so early means that the label is wrong."""
        if self.problem is Problem.MISLABELLED or (self.problem is Problem.LIMIT and not self.size):
            return True
        if (self.problem is Problem.DAMAGED and (self._proof > 1 or not self.size)) or (
            self.problem is Problem.TRAILING and self._proof > 1
        ):
            self._complain(Problem.MISLABELLED, self._names.index(self.coding), replace=True)
            return True
        return False

    def _never_began(self, cut: bool) -> bool:
        """Whether an early end is no cut: a whole message too short to be right, or a beginning of something
        else.
        """
        magic = self._engines[0].magic
        if not magic:
            return not cut and not self._done
        return self._raw_size < len(magic) and not magic.startswith(b"".join(self._raw))

    def _proven(self) -> None:
        self._proof = 0
        self._raw.clear()

    def _give_raw(self) -> Iterable[bytes]:
        self._as_is = True
        self._usual = False
        self._held = []
        raw, self._raw = self._raw, []
        self.size = self._raw_size
        return raw
