"""One conversation told packet by packet: who speaks to whom, with which numbers, and what it means.

The text comes as the packets come. Nothing grows with the capture: a run that is being folded is counted, not
kept, and of what each packet carried only the latest is remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote

from msgspec.structs import replace

from httptrace.lang import _, ngettext
from httptrace.model import (
    Direction,
    Endpoint,
    GapGivenUp,
    Happening,
    MessageBegan,
    PacketRecord,
    SideCounts,
    StreamRecord,
)
from httptrace.outputs.narration.folding import NO_RUN, Entry, Run
from httptrace.outputs.narration.layout import INDENT, Page, title
from httptrace.outputs.narration.story import Known, Story
from httptrace.outputs.narration.wording import (
    NBSP,
    TROUBLE,
    Remark,
    Roles,
    Row,
    clean,
    duration,
    is_browser,
    octets,
    say,
)
from httptrace.outputs.narration.wording import packets as packets_of
from httptrace.outputs.wrap import cell_width, in_rows, pad

__all__ = ["Known", "Walkthrough"]

#: Packets that wait for the first request; a handshake and a request in three pieces with their ACKs.
_WAITING = 8


class Walkthrough:
    """An observer that tells one connection through `write`, which is given whole lines with their newlines.

    `file` is the capture's name as the user gave it, `named` as a shell takes it in a proposed command. `known` is
    what was read beforehand, None where packets are told as they are read: then headings say less. `browser` says
    that the client is one, else the first request does. `unfold` tells every packet by itself; `absolute` counts as
    on the wire; `packets` restricts what is printed, not what is counted. `why` adds the reasons below each entry,
    `heads` the header fields of each message.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        file: str,
        named: str | None = None,
        client: Endpoint,
        server: Endpoint,
        stream: int,
        known: Known | None = None,
        width: int = 80,
        unfold: bool = False,
        absolute: bool = False,
        colour: bool = False,
        packets: range | None = None,
        browser: bool = False,
        why: bool = False,
        heads: bool = False,
    ) -> None:
        self._write = write
        self._file = file
        self._named = clean(quote(file), 400) if named is None else named
        self._ends = client, server
        self._stream = stream
        self._known = known
        self._width = width
        self._colour = colour
        self._unfold = unfold
        self._absolute = absolute
        self._offsets: list[int | None] = [None, None]  # on the wire minus relative, of each side
        self._packets = packets
        self._why = why
        self._heads = heads
        self._run: Run | None = None
        self._heading: str | None = None
        self._first_unseen = [0, 0]  # segments of each side that repeat what the capture never held
        self._held: list[tuple[PacketRecord, list[Happening]]] | None = []
        if known:
            browser = browser or any(is_browser(exchange) for exchange in known.of_connection)
        if known or browser:
            self._settle(browser)

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """Tell the next packet. Where nothing is known beforehand, the first few wait for the request, which
        says whether the client is a browser."""
        if self._held is None:
            self._tell(record, happenings)
            return
        self._held.append((record, happenings))
        requests = [h.exchange for h in happenings if isinstance(h, MessageBegan)]
        if requests or len(self._held) > _WAITING:
            self._settle(any(is_browser(exchange) for exchange in requests))

    def _settle(self, browser: bool) -> None:
        """Decide how the client is called, print the first lines, and tell what waited for it."""
        held, self._held = self._held or [], None
        self._roles = Roles(browser)
        digits = _digits(self._known, self._absolute)
        self._page = Page(self._width, self._roles, digits=digits, colour=self._colour)
        self._story = Story(self._roles, self._ends[1], self._page.width, self._known, why=self._why, heads=self._heads)
        self._begin()
        for record, happenings in held:
            self._tell(record, happenings)

    def _tell(self, record: PacketRecord, happenings: list[Happening]) -> None:
        if self._absolute:
            record, happenings = self._on_the_wire(record, happenings)
        facts = self._story.connection.observe(record)
        self._first_unseen[record.sender] += facts.repeated is not None and facts.repeated.uncaptured
        entry = self._story.tell(facts, happenings)
        heading, self._story.heading = self._story.heading, None
        if heading is not None:
            self._flush()
            self._heading = heading
        if self._packets is not None and record.packet not in self._packets:
            self._flush()
            if self._story.why is not None:
                self._story.why.once.forget()
        elif entry.kind is None or self._unfold:
            self._flush()
            self._print_entry(entry)
        elif self._run is not None and self._run.accepts(entry):
            self._run.add(entry)
        else:
            self._flush()
            self._run = Run(entry)

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """Tell what the end of the capture, or of the connection's state, made happen."""
        if self._held is not None:
            self._settle(False)
        if self._absolute:
            happenings = [self._gap_on_the_wire(happening) for happening in happenings]
        self._print_remarks(self._story.outside(happenings))

    def finish(self, record: StreamRecord) -> None:
        """Tell how it ended, the closing counts, and how to go deeper."""
        if self._held is not None:
            self._settle(False)
        self._print_remarks(self._story.last(record))
        self._lines(self._page.heading(_("The connection in numbers")))
        self._lines(self._counts(record))
        commands = self._deeper()
        line = " · ".join(commands)
        self._lines(["", *self._words()])
        for command in [line] if cell_width(line) <= self._page.width else commands:
            self._lines(self._page.plain(command, "dim"))

    def _deeper(self) -> list[str]:
        """The commands that tell more."""
        known, file = self._known, self._named
        commands = []
        if known and known.of_connection:
            commands.append(f"httptrace show {file} {known.of_connection[-1].no}")
        one = known is not None and known.connections == 1
        which = "" if one else f" --stream {self._stream}"
        if self._unfold and self._why:
            commands.append(f"httptrace follow {file} {self._stream}")
        else:
            commands.append(f"httptrace walk {file}{which} {'--why --all' if self._why else '--why'}")
        return commands

    def _words(self) -> list[str]:
        """The words of this connection that `explain` explains."""
        names = self._story.terms.names()
        if not names:
            return []
        first = _("httptrace explain WORD: {word}").format(word=names[0])
        return [self._page.dim(row) for row in in_rows([first, *names[1:]], self._page.width)]

    def _begin(self) -> None:
        """The lines about the capture and the connection."""
        known, name = self._known, clean(self._file, 400)
        if known:
            name = title(
                name,
                [
                    packets_of(known.packets),
                    ngettext("{count} connection", "{count} connections", known.connections).format(
                        count=f"{known.connections:,}"
                    ),
                    ngettext("{count} exchange", "{count} exchanges", known.exchanges).format(
                        count=f"{known.exchanges:,}"
                    ),
                    duration(known.duration_ns),
                ],
            )
        self._lines(self._page.plain(name, "bold"))
        client, server = self._ends
        line = _("stream {stream}{gap}{client_word} {client} {arrow} {server_word} {server}").format(
            stream=self._stream,
            client_word=self._roles.name(Direction.CLIENT),
            client=client,
            server_word=self._roles.name(Direction.SERVER),
            server=server,
            gap=NBSP + NBSP + " ",
            arrow=NBSP + "→" + NBSP,
        )
        self._lines(["", *self._page.plain(line)])

    def _flush(self) -> None:
        """Print the run that was being folded."""
        run, self._run = self._run, None
        if run is None:
            return
        if run.count <= NO_RUN:
            for entry in run.held:
                self._print_entry(entry)
            return
        self._print_heading()
        self._lines(self._page.fold(run.first.record.packet, run.last.record.packet, run.tell(self._roles)))
        for remark in run.endings:
            self._lines(self._page.paragraph(remark))
        if self._story.why is not None:
            self._rows(self._story.why.of_run(run))

    def _print_heading(self) -> None:
        heading, self._heading = self._heading, None
        if heading is not None:
            self._lines(self._page.heading(heading))

    def _print_entry(self, entry: Entry) -> None:
        self._print_heading()
        self._lines(self._page.entry(entry.facts))
        for remark in entry.remarks:
            self._lines(self._page.paragraph(remark))
        if entry.fields:
            self._lines(self._page.fields(entry.fields))
        self._rows([*entry.rows, *entry.ending_rows])

    def _rows(self, rows: list[Row]) -> None:
        for row in rows:
            self._lines(self._page.row(row))

    def _print_remarks(self, remarks: list[Remark]) -> None:
        self._flush()
        for remark in remarks:
            self._lines(self._page.paragraph(remark))

    def _troubles(self, sides: tuple[SideCounts, SideCounts]) -> list[Remark | None]:
        return [_trouble(one, sides[one], self._first_unseen[one], self._roles) for one in Direction]

    def _lines(self, lines: list[str]) -> None:
        for line in lines:
            self._write(line.replace(NBSP, " ") + "\n")

    def _counts(self, record: StreamRecord) -> list[str]:
        sides = (record.client_side, record.server_side)
        packets = [packets_of(side.packets) for side in sides]
        amounts = [octets(side.bytes) for side in sides]
        widths = [max(map(cell_width, column)) for column in (packets, amounts)]
        lines = [
            " " * INDENT
            + "   ".join(
                (
                    self._page.between(direction),
                    pad(packets[direction], widths[0], "right"),
                    pad(amounts[direction], widths[1], "right"),
                )
            )
            for direction in Direction
        ]
        for remark in self._troubles(sides):
            if remark:
                lines += self._page.paragraph(remark)
        return lines + self._page.paragraph(Remark(_summary(record, self._story.whole)))

    def _on_the_wire(self, record: PacketRecord, happenings: list[Happening]) -> tuple[PacketRecord, list[Happening]]:
        """The same with the numbers that went over the wire in place of the relative ones."""
        self._offsets[record.sender] = record.absolute_seq - record.seq
        if record.ack is not None:
            self._offsets[1 - record.sender] = record.absolute_ack - record.ack
        ack = None if record.ack is None else record.absolute_ack
        return replace(record, seq=record.absolute_seq, ack=ack), [self._gap_on_the_wire(h) for h in happenings]

    def _gap_on_the_wire(self, happening: Happening) -> Happening:
        if not isinstance(happening, GapGivenUp):
            return happening
        return replace(happening, seq=(happening.seq + (self._offsets[happening.sender] or 0)) & 0xFFFF_FFFF)


def _digits(known: Known | None, absolute: bool) -> int:
    """How wide the columns of seq and ack are."""
    if absolute:
        return 10
    if known is None or known.record is None:
        return 6
    return max(5, len(str(max(known.record.client_side.bytes, known.record.server_side.bytes) + 2)))


def _trouble(direction: Direction, side: SideCounts, first_unseen: int, roles: Roles) -> Remark | None:
    """What went wrong on one side, in numbers. What fills a hole came late, or was sent again: `first_unseen`."""
    said = []
    again = min(first_unseen, side.out_of_order)
    late = side.out_of_order - again
    if side.retransmissions:
        said.append(
            ngettext("{count} retransmission", "{count} retransmissions", side.retransmissions).format(
                count=f"{side.retransmissions:,}"
            )
        )
    if again:
        said.append(_("{count} sent again, first copy not in the capture").format(count=f"{again:,}"))
    if late:
        said.append(_("{count} out of order").format(count=f"{late:,}"))
    if side.missing_bytes:
        missing, acked = octets(side.missing_bytes), side.missing_acked_bytes
        if acked == side.missing_bytes:
            text = _("{missing} missing in the capture (they arrived)")
        elif acked:
            text = _("{missing} missing in the capture ({acked} of them arrived)")
        else:
            text = _("{missing} missing, never confirmed")
        said.append(text.format(missing=missing, acked=f"{acked:,}"))
    if not said:
        return None
    what = " · ".join(said)
    return Remark(say(_("Of {sender}: {what}."), sender=roles.the(direction), what=what), TROUBLE)


def _summary(record: StreamRecord, whole: bool) -> str:
    sides = (record.client_side, record.server_side)
    took = duration(record.end_time_ns - record.time_ns)
    trip = "" if record.rtt_ns is None else duration(record.rtt_ns)
    clean_run = not any(side.retransmissions or side.out_of_order or side.missing_bytes for side in sides)
    if clean_run and trip and not whole:
        text = _(
            "No retransmission, nothing out of order, no hole in what was seen; {took} in all, one round trip {trip}."
        )
    elif clean_run and not whole:
        text = _("No retransmission, nothing out of order, no hole in what was seen; {took} in all.")
    elif clean_run and trip:
        text = _("No retransmission, nothing out of order, nothing missing; {took} in all, one round trip {trip}.")
    elif clean_run:
        text = _("No retransmission, nothing out of order, nothing missing; {took} in all.")
    elif trip:
        text = _("It lasted {took}, one round trip {trip}.")
    else:
        text = _("It lasted {took}.")
    return say(text, took=took, trip=trip)
