"""`httptrace summary`: the first look at a large capture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from httptrace.capture.merge import Captures
from httptrace.cli import arguments as common
from httptrace.cli.filters import add_filters
from httptrace.cli.run import StopReading, read_all
from httptrace.errors import CaptureError, UsageError
from httptrace.lang import _, told
from httptrace.lang.numbers import whole_number
from httptrace.limits import STANDARD, Bounds
from httptrace.model import Exchange, Frame
from httptrace.outputs.summary import CaptureFacts, Survey, summary
from httptrace.outputs.survey.capture import Oddities, Watched
from httptrace.packets.decode import Decoder
from httptrace.pipeline import Analyzer, Options
from httptrace.selection import Filter

#: Rows of each list where --top does not say.
TOP = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    parser.add_argument(
        "--top", metavar="N", default=str(TOP), help=_("rows of each list (default: {count})").format(count=TOP)
    )
    add_filters(parser, order=False)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    top = whole_number(arguments.top)
    if not top:
        raise UsageError(_("--top {value}: a number from 1 on").format(value=arguments.top))
    reading = Reading(arguments.files, Filter.of(vars(arguments)), arguments.bounds, top)
    status = reading.read()
    reading.print()
    return status


class Reading:
    """One pass over captures, and the page about them."""

    def __init__(self, files: list[str], wanted: Filter, bounds: Bounds = STANDARD, top: int = TOP) -> None:
        self.survey = Survey(top)
        self._files = files
        self._wanted = wanted
        self.bounds = bounds
        self._facts = CaptureFacts(files)

    @property
    def only_stream(self) -> int | None:
        """The connection with HTTP, where there is exactly one."""
        found = self.survey.exchanges
        return None if found.several_streams else found.first_stream

    def read(self, stop_for_one: bool = False) -> int:
        """Read the captures; gives the exit status. `stop_for_one`: where one connection alone turned out to have
        HTTP, leave it to another command to say what is wrong with the capture."""

        def make(captures: Captures) -> Analyzer:
            return _Surveyor(self, captures, stop_for_one)

        return read_all(self._files, make, on_start=self._wanted.begin)

    def exchange(self, exchange: Exchange) -> None:
        """Count an exchange, if it is asked for."""
        if not self._wanted or self._wanted.matches(exchange):
            self.survey.exchange(exchange)
        else:
            self.survey.left_out += 1

    def note(self, analyzer: Analyzer, captures: Captures, watched: Watched, oddities: Oddities) -> None:
        """All was read: keep what the page says of the capture as a whole."""
        facts, decoder = self._facts, analyzer.decoder
        facts.duplicates, facts.drops = captures.duplicates, captures.drops
        facts.packets, facts.tcp_packets, facts.skipped = decoder.packets, decoder.tcp_packets, decoder.skipped
        facts.first_ns, facts.last_ns, facts.octets = watched.first_ns, watched.last_ns, watched.octets
        facts.silence_ns, facts.silence_end = watched.silence_ns, watched.silence_end
        facts.cut, facts.cut_to, facts.udp_ports = oddities.cut, oddities.cut_to, oddities.udp_ports
        facts.secrets = bool(captures.secrets)
        facts.damage = [told(damage.text) for damage in captures.damage]

    def print(self) -> None:
        """Print the page."""
        named = common.as_typed(self._files)
        sys.stdout.write(
            summary(
                self.survey,
                self._facts,
                named=named,
                width=common.width(),
                colour=common.colour(),
                filtered=bool(self._wanted),
            )
        )


class _Surveyor(Analyzer):
    """An analyzer that looks at the frames in passing, and knows what it found before the reader says goodbye."""

    def __init__(self, reading: Reading, captures: Captures, stop_for_one: bool) -> None:
        super().__init__(
            Options(hash_bodies=False, contain=True, bounds=reading.bounds),
            on_exchange=reading.exchange,
            on_stream=reading.survey.stream,
        )
        self._reading = reading
        self._captures = captures
        self._stop_for_one = stop_for_one
        self._watched = Watched()
        self._oddities = Oddities()
        self.decoder = Decoder(self._oddities)
        self._over = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[int]:
        try:
            yield from super().feed(self._watched.frames(frames))
        except CaptureError:
            self._end()
            raise
        self._end()

    def finish(self) -> None:
        if not self._over:
            self._over = True
            super().finish()

    def _end(self) -> None:
        self.finish()
        self._reading.note(self, self._captures, self._watched, self._oddities)
        if self._stop_for_one and self._reading.only_stream is not None:
            raise StopReading
