"""Which words a walkthrough used, so that its last line can point to what `explain` says of them."""

from __future__ import annotations

from httptrace import lang
from httptrace.model import GapGivenUp, Happening, Message, MessageEnded
from httptrace.outputs.narration.facts import Closing, Connection, Opening, PacketFacts
from httptrace.outputs.narration.forms import MULTIPART, URLENCODED
from httptrace.outputs.narration.kinds import media_type
from httptrace.outputs.narration.why.options import read_options
from httptrace.teach.reference import find, lookup

#: So many words are named.
_NAMED = 8

#: Statuses that every capture has; the others are worth asking about.
_PLAIN = (200,)

#: What each step of opening and closing is called in the reference; the names here and below are its own.
OPENINGS = {
    Opening.SYN: "three-way handshake",
    Opening.SYN_AGAIN: "RTO",
    Opening.SYN_ACK_AGAIN: "RTO",
    Opening.REFUSED: "refused",
}
CLOSINGS = {
    Closing.FIRST_FIN: "four-step close",
    Closing.LAST_CONFIRMED: "TIME-WAIT",
    Closing.RESET: "reset",
}

#: The words of `packets` that are told, the rarer first.
TROUBLES = (
    "port-reused",
    "spurious-retransmission",
    "fast-retransmission",
    "retransmission",
    "out-of-order",
    "zero-window",
    "window-full",
    "keep-alive",
    "dup-ack",
)


class Terms:
    """Collects the words of one connection; a set, however long that is."""

    def __init__(self, *, why: bool) -> None:
        self._rare: dict[str, None] = {}
        self._common: dict[str, None] = {}
        self._reasons: dict[str, None] = {}
        self._why = why

    def watch(self, facts: PacketFacts, happenings: list[Happening], connection: Connection) -> None:
        """Take the next packet, as it was told."""
        if facts.opening in OPENINGS:
            self._common[OPENINGS[facts.opening]] = None
        if facts.closing in CLOSINGS:
            rare = facts.closing is Closing.RESET
            (self._rare if rare else self._common)[CLOSINGS[facts.closing]] = None
        for word in TROUBLES:
            if word in facts.record.analysis:
                self._rare[word] = None
                break
        if facts.repeated and not self._rare.keys() & set(TROUBLES):
            self._rare["retransmission"] = None
        if facts.unseen:
            self._rare["gap"] = None
        if facts.start != facts.end and connection.sides[facts.peer].fin_seq is not None:
            self._rare["half-close"] = None
        if self._why:
            self._explained(facts)
        self._messages(happenings)

    def add(self, name: str) -> None:
        """A word that was told elsewhere."""
        self._rare[name] = None

    def _explained(self, facts: PacketFacts) -> None:
        """The words of `--why`."""
        options = read_options(facts.record.options) if "S" in facts.record.flags else None
        if options and options.mss is not None:
            self._reasons["MSS"] = None
        if options and options.scale is not None:
            self._reasons["window scale"] = None
        if facts.opening is Opening.ACK:
            self._reasons["RTT"] = None
        if facts.start != facts.end:
            self._reasons["bytes in flight"] = None

    def _messages(self, happenings: list[Happening]) -> None:
        begun = 0
        for happening in happenings:
            if isinstance(happening, GapGivenUp):
                self._rare["gap"] = None
                continue
            exchange = happening.exchange
            for note in exchange.notes[:_NAMED]:
                self._rare[note.code] = None
            if isinstance(happening, MessageEnded):
                self._form(exchange.request)
                continue
            if happening.sender:
                response = happening.informational or exchange.response
                if response and response.status and response.status not in _PLAIN and len(self._rare) < 100:
                    self._rare[str(response.status)] = None
                self._body(response)
            else:
                begun += 1
        if begun > 1:
            self._rare["pipelining"] = None

    def _form(self, message: Message | None) -> None:
        if message is not None and media_type(message) in (URLENCODED, MULTIPART):
            self._rare[media_type(message)] = None

    def _body(self, message: Message | None) -> None:
        if message is None:
            return
        if message.body.framing == "chunked":
            self._common["chunk"] = None
        if message.body.encoding and lookup("coding", message.body.encoding):
            self._common[message.body.encoding] = None

    def names(self) -> list[str]:
        """The words to look up, the rarest first, at most so many that they fit; each is known to `explain`."""
        named = [*self._rare, *self._common, *self._reasons]
        found = [name for name in named if find(name)]
        return [shown(name) for name in found[:_NAMED]]


def shown(name: str) -> str:
    """A word as it is to be typed: terms by their title, which `explain` understands in both languages."""
    entry = find(name)[0]
    told = lang.current() != "en" and entry.kind in ("term", "analysis") and not name.isupper()
    return entry.title() if told else name
