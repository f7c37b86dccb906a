"""What `walk` tells a connection with: the walkthrough or the ladder, printed as they come or kept to be stepped
through."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Protocol

from httptrace.cli import arguments as common
from httptrace.lang import ngettext
from httptrace.model import GapGivenUp, Happening, PacketRecord, StreamRecord
from httptrace.outputs.ladder.diagram import Ladder
from httptrace.outputs.ladder.party import Drawn
from httptrace.outputs.narration.layout import title
from httptrace.outputs.narration.story import Known
from httptrace.outputs.narration.wording import clean, duration
from httptrace.outputs.narration.wording import packets as packets_of
from httptrace.outputs.steps import Drawing, Script, Step, Telling
from httptrace.outputs.walkthrough import Walkthrough

#: Packets that opening one step shows at most; a run may have folded thousands.
_OPENED = 100


class Teller(Protocol):
    """What a walkthrough and a ladder have in common."""

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """Tell the next packet."""

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """Tell what the end made happen."""

    def finish(self, record: StreamRecord, /) -> None:
        """Tell how a connection ended."""


class Tellers:
    """Makes what tells a walk, by the options that `walk` was given; `packets` are those to be told. `streamed`: all
    packets before those come as well, and may be too many to be kept."""

    def __init__(self, arguments: argparse.Namespace, packets: range | None, *, streamed: bool = False) -> None:
        self._arguments = arguments
        self._packets = packets
        self._told: list[Telling] = []
        self._drawing: Drawing | None = None
        self._kept: dict[int, _Kept] = {}
        self._whole: dict[int, Telling] = {}  # instead, where not all packets are kept
        self._streamed = streamed

    def one(self, told: Drawn) -> Teller:
        """What tells one connection."""
        if self._arguments.step:
            return _Together(self._rehearsed(told), [self._ladder([told])] if self._arguments.ladder else [])
        return (
            self._ladder([told]) if self._arguments.ladder else self._walkthrough(told, _print, packets=self._packets)
        )

    def side_by_side(self, told: list[Drawn]) -> Teller:
        """What draws several connections in one ladder; it is told of the end of each."""
        words = [teller for each in told for teller in self._rehearsed(each)] if self._arguments.step else []
        return _Together(words, [self._ladder(told)])

    def script(self) -> Script:
        """The steps of all that was told, where it is to be stepped through."""
        for telling in self._told:
            telling.finish()
        if self._drawing is not None:
            self._drawing.finish()
            return Script.drawn(self._drawing, self._told, self._details)
        return Script([step for telling in self._told for step in telling.steps], self._details)

    def _details(self, stream: int, first: int, last: int) -> tuple[list[Step], int]:
        """Some packets of a connection, told one by one with all that there is to say."""
        if stream in self._whole:
            steps = [step for step in self._whole[stream].steps if first <= step.first <= last]
            return steps[:_OPENED], max(0, len(steps) - _OPENED)
        kept = self._kept[stream]
        wanted = [record.packet for record, _happenings in kept.packets if first <= record.packet <= last]
        if not wanted:
            return [], 0
        last = wanted[:_OPENED][-1]
        telling = Telling(stream)
        walkthrough = self._walkthrough(kept.told, telling.write, packets=range(first, last + 1), whole=True)
        for record, happenings in kept.packets:
            if record.packet > last:
                break
            walkthrough.packet(record, happenings)
        walkthrough.closing(stream, [])  # what waited to be told
        return telling.steps, max(0, len(wanted) - _OPENED)

    def _rehearsed(self, told: Drawn) -> list[_Own]:
        """A connection taken apart into steps, and kept, so that each can be told in full. A ladder may draw packets
        one by one that the walkthrough folds: it has the words for both."""
        tellers: list[Teller] = []
        if self._streamed and self._packets is not None:
            self._whole[told.stream] = whole = Telling(told.stream)
            tellers.append(self._walkthrough(told, whole.write, packets=self._packets, whole=True))
        else:
            self._kept[told.stream] = kept = _Kept(told)
            tellers.append(kept)
        for unfold in (False, True) if self._arguments.ladder else (False,):
            telling = Telling(told.stream)
            self._told.append(telling)
            tellers.append(self._walkthrough(told, telling.write, packets=self._packets, unfold=unfold))
        return [_Own(told.stream, teller) for teller in tellers]

    def _walkthrough(
        self,
        told: Drawn,
        write: Callable[[str], None],
        *,
        packets: range | None,
        unfold: bool = False,
        whole: bool = False,
    ) -> Walkthrough:
        arguments = self._arguments
        return Walkthrough(
            write,
            file=" ".join(arguments.files),
            named=common.as_typed(arguments.files),
            client=told.client,
            server=told.server,
            stream=told.stream,
            known=told.known,
            width=common.width(),
            unfold=unfold or whole or arguments.all,
            absolute=arguments.absolute,
            colour=common.colour(),
            packets=packets,
            why=whole or arguments.why,
            heads=whole or arguments.headers,
        )

    def _ladder(self, told: list[Drawn]) -> Ladder:
        arguments = self._arguments
        if arguments.step:
            self._drawing = Drawing()
        return Ladder(
            self._drawing.write if self._drawing else _print,
            told,
            title=_title(arguments.files, told[0].known),
            deeper=_deeper(common.as_typed(arguments.files), told),
            width=common.width(),
            unfold=arguments.all,
            absolute=arguments.absolute,
            colour=common.colour(),
            packets=self._packets,
            drawn=self._drawing.drawn if self._drawing else None,
        )


class _Kept:
    """Remembers what was told of a connection."""

    def __init__(self, told: Drawn) -> None:
        self.told = told
        self.packets: list[tuple[PacketRecord, list[Happening]]] = []

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        self.packets.append((record, happenings))

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """What the end made happen belongs to no packet."""

    def finish(self, record: StreamRecord) -> None:
        """Nothing is left to be done."""


class _Own:
    """Tells a teller of its own connection only."""

    def __init__(self, stream: int, teller: Teller) -> None:
        self._stream = stream
        self._teller = teller

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        if record.stream == self._stream:
            self._teller.packet(record, happenings)

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        if stream == self._stream:
            self._teller.closing(stream, happenings)

    def finish(self, record: StreamRecord) -> None:
        if record.stream == self._stream:
            self._teller.finish(record)


class _Together:
    """Several tellers that are told the same. The ladder's end is told when all its connections have ended."""

    def __init__(self, words: list[_Own], ladders: list[Ladder]) -> None:
        self._words = words
        self._ladders = ladders
        self._tellers: list[Teller] = [*words, *ladders]
        self._ended: list[StreamRecord] = []

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        for teller in self._tellers:
            teller.packet(record, happenings)

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        for teller in self._tellers:
            teller.closing(stream, happenings)

    def finish(self, record: StreamRecord) -> None:
        for teller in self._words:
            teller.finish(record)
        self._ended.append(record)
        for ladder in self._ladders:
            if len(self._ended) == ladder.connections:
                ladder.finish(*self._ended)


def gaps(packets: Iterable[tuple[PacketRecord, list[Happening]]], closing: Iterable[Happening]) -> list[GapGivenUp]:
    """The gaps that a connection's packets, and its end, made known."""
    happened = [happening for _record, happenings in packets for happening in happenings]
    return [happening for happening in (*happened, *closing) if isinstance(happening, GapGivenUp)]


def _print(text: str) -> None:
    print(text, end="")


def _title(files: list[str], known: Known | None) -> str:
    name = clean(" ".join(files), 400)
    if known is None:
        return name
    connections = ngettext("{count} connection", "{count} connections", known.connections)
    exchanges = ngettext("{count} exchange", "{count} exchanges", known.exchanges)
    return title(
        name,
        [
            packets_of(known.packets),
            connections.format(count=f"{known.connections:,}"),
            exchanges.format(count=f"{known.exchanges:,}"),
            duration(known.duration_ns),
        ],
    )


def _deeper(file: str, connections: list[Drawn]) -> list[str]:
    """The commands that tell the same in words, and one exchange whole."""
    first = connections[0]
    one = first.known is not None and first.known.connections == 1
    commands = [f"httptrace walk {file}" + ("" if one else f" --stream {first.stream}")]
    exchanges = [exchange for each in connections if each.known for exchange in each.known.of_connection]
    if exchanges:
        commands.append(f"httptrace show {file} {exchanges[0].no}")
    return commands
