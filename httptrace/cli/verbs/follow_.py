"""`httptrace follow`: the bytes of one connection, as they were sent."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.cli.octets import Octets
from httptrace.cli.rows import Clock
from httptrace.cli.run import StopReading, complain, read_all
from httptrace.errors import UsageError
from httptrace.following import Follower
from httptrace.lang import N_, _
from httptrace.lang.numbers import whole_number
from httptrace.model import At, Direction, StreamRecord
from httptrace.outputs.follow import Transcript
from httptrace.outputs.paint import Paint
from httptrace.pipeline import Analyzer, Options

#: How a connection ended, by the contract's word for it.
_ENDS = {
    "fin": N_("closed by both sides (fin)"),
    "half": N_("closed by one side only (half)"),
    "rst": N_("reset (rst)"),
    "open": N_("not closed in the capture (open)"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    parser.add_argument("stream", metavar="STREAM", help=_("number of the connection, as streams prints it"))
    side = parser.add_mutually_exclusive_group()
    side.add_argument("--client", action="store_true", help=_("only what the client sent"))
    side.add_argument("--server", action="store_true", help=_("only what the server sent"))
    parser.add_argument("--raw", action="store_true", help=_("write the bytes to stdout and nothing else"))
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    stream = whole_number(arguments.stream)
    if stream is None:
        raise UsageError(_("STREAM is a number, not {value}").format(value=arguments.stream))
    sides = (Direction.CLIENT,) if arguments.client else (Direction.SERVER,) if arguments.server else tuple(Direction)
    return (_raw if arguments.raw else _transcript)(arguments, stream, sides)


class _Shown:
    """Passes on the bytes of the sides asked for."""

    def __init__(self, stream: int, sides: tuple[Direction, ...], to: Transcript) -> None:
        self.stream = stream
        self._sides = sides
        self._to = to

    def data(self, sender: Direction, data: bytes, at: At) -> None:
        if sender in self._sides:
            self._to.data(sender, data, at)

    def gap(self, sender: Direction, length: int, at: At) -> None:
        if sender in self._sides:
            self._to.gap(sender, length, at)


class _Written:
    """Writes the bytes of the sides asked for; gaps are said on stderr, with their place in what is written."""

    def __init__(self, stream: int, sides: tuple[Direction, ...], to: Octets) -> None:
        self.stream = stream
        self._sides = sides
        self._to = to
        self._written = 0

    def data(self, sender: Direction, data: bytes, at: At) -> None:
        if sender in self._sides:
            self._to.write(data)
            self._written += len(data)

    def gap(self, sender: Direction, length: int, at: At) -> None:
        if sender in self._sides:
            complain(
                _("{length} bytes are missing before No{packet}: nothing stands for them at byte {place}").format(
                    length=f"{length:,}", packet=at[0], place=f"{self._written:,}"
                )
            )


def _transcript(arguments: argparse.Namespace, stream: int, sides: tuple[Direction, ...]) -> int:
    clock = Clock()
    paint = Paint(common.colour())
    transcript = Transcript(lambda line: sys.stdout.write(line + "\n"), common.width(), paint, clock.started)
    status, record = _read(arguments, stream, _Shown(stream, sides, transcript), clock)
    transcript.finish()
    closing = _("stream {stream} · {client} → {server} · {close}").format(
        stream=stream, client=record.client, server=record.server, close=_(_ENDS[record.close])
    )
    sys.stdout.write(paint(closing, "dim") + "\n")
    return status


def _raw(arguments: argparse.Namespace, stream: int, sides: tuple[Direction, ...]) -> int:
    out = Octets()
    status, _record = _read(arguments, stream, _Written(stream, sides, out), Clock())
    out.finish()
    return status


def _read(arguments: argparse.Namespace, stream: int, follower: Follower, clock: Clock) -> tuple[int, StreamRecord]:
    """Read until the connection is over; gives the exit status and what is known of the connection."""
    found: list[StreamRecord] = []

    def on_stream(record: StreamRecord) -> None:
        if record.stream == stream:
            found.append(record)
            raise StopReading

    analyzer = Analyzer(
        Options(hash_bodies=False, contain=True, bounds=arguments.bounds), on_stream=on_stream, follower=follower
    )
    status = read_all(arguments.files, lambda _captures: analyzer, on_start=clock.begin)
    if not found:
        count = analyzer.tracker.connections
        if not count:
            raise UsageError(_("there is no stream {stream}: the capture has no TCP connection").format(stream=stream))
        raise UsageError(
            _("there is no stream {stream}: the capture has 0 to {last}").format(stream=stream, last=count - 1)
        )
    return status, found[0]
