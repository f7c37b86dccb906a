"""The bounds on what reading keeps, in one place, each with its reason. Reaching one is a note or a line on stderr.

What one connection keeps is bounded by itself where that is little, for there are so many connections at most. What
could become much is counted over all of them: :class:`Room`. Those that a user may want otherwise are :class:`Bounds`.
What a report may hold, a file for a browser, is bounded in :mod:`httptrace.outputs.report.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KIB = 1024
MIB = 1024 * KIB

#: One read of a capture. Far larger blocks cost twice, because they leave the processor's cache.
BLOCK = 256 * KIB

#: The largest record a capture may claim. Super-segments reach 64 KiB, jumbo ones more; beyond this it is damage.
LARGEST_RECORD = 256 * MIB

#: Interfaces of one section, and those listed of all files together. Real captures have fewer than a hundred.
INTERFACES = 65_536

#: Bytes of TLS key logs kept out of Decryption Secrets Blocks. A busy browser's day is a few MiB.
SECRETS = 64 * MIB

#: Compressed bytes of a capture's member kept to decode it once more when it turns out to be damaged, and the memory
#: that an xz stream may ask for: `xz -9` needs 65 MiB.
MEMBER_REPLAY = 256 * KIB
XZ_MEMORY = 256 * MIB

#: Bytes of blocks that all files being merged hold together; with many of them, each gets smaller blocks. And of
#: packets of one time that are remembered in order to tell doubles.
MERGED_BLOCKS = 32 * MIB
SAME_TIME = 16 * MIB

#: Bytes of one connection held behind holes, and of all connections together (the contract's numbers).
HELD_PER_CONNECTION = 8 * MIB
HELD_IN_ALL = 32 * MIB

#: The pieces they are held in, of all connections: each takes some 250 bytes of its own, however short it is. Pieces
#: that join none count twice, so half as many of them are held at least.
HELD_PIECES = 400_000

#: A retransmission is compared with its first copy as long as that is at most so many packets of the capture ago;
#: longer payloads (super-segments) are remembered up to here.
RECENT_PACKETS: Final = 512
RECENT_BYTES: Final = 4_096

#: A hole that the peer acknowledged past is given up after this many packets of the connection, or this long.
GRACE_PACKETS = 32
GRACE_NS = 250_000_000

#: Open connections; beyond it the longest idle one is closed with a note.
OPEN_CONNECTIONS = 100_000

#: Connections that ended and are still remembered, so that a straggler does not look like a new one.
CLOSED_CONNECTIONS = 4_096

#: Octets of a start line and header section. Servers stop at 8 to 64 KiB; an observer may be more patient.
HEAD = 1 * MIB

#: Names of fields that are remembered as they were spelled, and the length of the longest. They save work, no more.
FIELD_NAMES = 1_024
FIELD_NAME = 256

#: Octets of heads, chunk-size lines and trailers that wait for their end, over all connections.
UNFINISHED_HEADS = 16 * MIB

#: What is kept of a connection until its protocol is known: octets and pieces of both directions. Over all connections:
#: these octets, with what keeping a piece takes, and those of TLS hellos that are being put together.
UNDECIDED = 64 * KIB
UNDECIDED_PIECES = 4_096
BEGINNINGS = 32 * MIB
PIECE = 160

#: A request line may have so many octets without its end before it is taken for something else.
FIRST_LINE = 64 * KIB

#: The longest TLS hello that is put together. Those with post-quantum key shares have 2 KiB, most have 512 octets.
LARGEST_HELLO = 32 * KIB

#: Octets of one chunk-size line, extensions included, and of a trailer section.
CHUNK_LINE = 16 * KIB
TRAILERS = 64 * KIB

#: Octets of an unfinished line that a search for a start line keeps: a longer one is not found again. And the
#: beginnings of segments that it remembers in that line.
LINE_KEPT = 8 * KIB
SEGMENTS_KEPT = 32

#: Small marks, over all connections: holes that were given up (so that a late byte is told from a retransmission),
#: acknowledgements that wait for their grace, differing bytes ahead of their message, segments that wait for the ACK of
#: a round trip. Each takes 100 to 150 bytes.
MARKS = 250_000

#: Of these, differing overlaps and given-up holes of one direction.
OVERLAPS = 1_000
GAPS = 1_024

#: And segments of one side whose ACK is awaited for a round trip; beyond it a segment gives none. A window of 1 MiB in
#: full-sized segments is some 700.
AWAITING_ACK: Final = 1_024

#: Requests of one connection that wait for a response.
PIPELINED = 10_000

#: What open exchanges may take, over all connections. The head of a connection's only open exchange is not counted as
#: long as it has no more than so many octets and lines: that is little, and there are so many connections at most.
OPEN_EXCHANGES = 128 * MIB
PLAIN_HEAD = 4 * KIB
PLAIN_LINES = 64

#: What the records of an exchange take, and one field or 1xx response of it beside its octets.
EXCHANGE = 2 * KIB
FIELD = 160

#: So many connections at once are a crowd: those in it that are silent for so many packets of the capture, their
#: exchange still open, are folded up.
CROWD = 1_000
SILENT = 4_096

#: 1xx responses of one exchange. A server that reports progress sends dozens.
INFORMATIONAL = 1_000

#: Octets that decoding one body may yield, and the ratio at which one beyond the last of these counts as a bomb.
DECODED = 1024 * MIB
DECODED_RATIO = 2_000
DECODED_FREE = 64 * MIB

#: No decoded piece is much larger, so that a bomb is noticed before it fills the memory. Brotli's library overshoots
#: what it is asked for, to less than twice as much.
DECODED_PIECE = 1 * MIB
BROTLI_PIECE = 512 * KIB

#: Coded octets remembered since the last point that a decoder can go back to. Libraries withhold the output of the call
#: that fails; with these it is decoded again, up to the very octet that is wrong. Brotli's library cannot copy its
#: state: there they are those of the whole body.
REPLAY = 64 * KIB
BROTLI_REPLAY = 1 * MIB

#: Coded octets kept until something could be decoded. A zstd block of 128 KiB must fit before it yields anything.
UNDECODED = 256 * KIB

#: The window of zstd. RFC 9659 allows 8 MiB in HTTP; who sends more is to be read all the same, as long as it is sane.
ZSTD_WINDOW = 128 * MIB

#: What open decoders may take, over all connections: the windows they look back into, and what they keep.
DECODERS = 256 * MIB

#: Codings in a stack (RFC 9110 §8.4 sets no bound, nobody sends three).
CODINGS = 8

#: Bytes of a body kept for display, where a command shows bodies.
KEPT_BODY = 16 * MIB

#: Finished records (as printed) that wait behind one that is still open.
WAITING_RECORDS = 16 * MIB

#: The number of them, for rows that were not asked for wait too, and have no size.
WAITING_ROWS = 250_000

#: IP datagrams being put together, the octets they hold, and how long one may take (RFC 791 says 15 s and up).
FRAGMENT_DATAGRAMS = 1_024
FRAGMENT_BYTES = 8 * MIB
FRAGMENT_NS = 60_000_000_000

#: Headers inside headers (tunnels in tunnels) that decoding follows.
NESTING = 16

#: Names that are remembered while files are followed: of files that are gone, because their compressed copies may come
#: late; and of files that a pattern matches and that are no captures, because that is said once of each.
FOLLOWED_NAMES = 10_000

#: Packets that a walkthrough keeps of connections that have not shown HTTP yet; beyond it the oldest connection's are
#: let go. And, live, of one of them: a download of something else does not push out the others.
CANDIDATE_PACKETS = 20_000
CANDIDATE_PACKETS_EACH = 2_000

#: Exchanges of which a walkthrough remembers which notes were drawn, and gaps that were drawn and are not given up yet.
DRAWN_NOTED = 1_000
DRAWN_GAPS = 1_000

#: Octets of a request's body kept to tell what a form says, and of all forms together.
FORM = 256 * KIB
FORMS = 16 * MIB

#: Packets that may be told at once where a walkthrough needs the whole capture first.
GATHERED_PACKETS = 200_000

#: Packets that a quiz or a worksheet is made from: enough for any lesson, and read in a moment.
LESSON_PACKETS = 5_000

#: The largest file of answers that is marked.
ANSWERS = 1 * MIB

#: Worker processes. More than a large machine has processors only cost memory.
JOBS = 64

#: What a worker may hold beyond its part of a bound that all connections share, in octets: connections do not fall to
#: workers evenly, and the window of a decoder is large.
SPARE = 8 * MIB

#: Work is handed to workers in rounds, for each of them so many bytes of payload and events at most: larger ones wait
#: longer and leave the processor's cache. So many rounds are under way: with them an end of memory is set, of events
#: packed, in the pipes, and of answers.
ROUND_BYTES = 128 * KIB
ROUND_EVENTS = 512
ROUNDS = 4

#: Bytes of a worker's answers that may wait to be taken (one that is ahead of the reading process rests), and the rows
#: of a part of an answer.
ANSWERS_WAITING = 4 * MIB
ANSWER_ROWS = 1_024

#: How long a worker is waited for that the system says is stopped, and one that gives no sign of life, in seconds that
#: the reading process was running. One that works gives a sign so often. A machine that swaps may keep one from it for
#: several seconds; a minute without any is no work.
WORKER_STOPPED = 10
WORKER_SILENT = 60
WORKER_SIGN = 5

#: Connections with a defect of ours that are named on stderr.
DEFECTS = 20

#: Captures up to this size may be read whole before the first line is printed.
READ_FIRST = 1 * MIB

#: Bytes of captured packets that wait to be read, live: a ring of the kernel, and ordinary memory while the reader is
#: behind. Three seconds of a web server at its limit (350,000 small packets a second).
LIVE_BUFFER = 512 * MIB

#: The most of it that the ring itself takes: the kernel's memory, taken at the start and never swapped. What more is
#: allowed is ordinary memory, taken only while the reader is behind.
LIVE_RING = 64 * MIB

#: When the kernel dropped packets, live: spans of time, and marks to find packets in them. A mark is made for every
#: block of packets: hours of an idle wire, seconds of a busy one.
DROP_SPANS = 4_096
DROP_MARKS = 16_384

#: Lines that wait for a terminal or pipe that does not take them; beyond it they are left out, counted.
LIVE_OUTPUT = 64 * MIB

#: A live connection that is silent for so long is told and forgotten (by the time of packets).
IDLE_NS = 600_000_000_000

#: The same segment on another interface within this time is the same packet, seen again on its way.
DOUBLE_NS = 5_000_000

#: Segments remembered for that.
DOUBLES = 65_536


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds that a user may want otherwise; where no unit is said, octets."""

    connections: int = OPEN_CONNECTIONS  # open at once
    out_of_order: int = HELD_IN_ALL  # held behind holes, over all connections
    out_of_order_each: int = HELD_PER_CONNECTION  # and of one
    segments: int = HELD_PIECES  # the pieces they are held in
    waiting: int = WAITING_RECORDS  # finished records behind one that is still open
    exchanges: int = OPEN_EXCHANGES  # what open exchanges take
    pipelined: int = PIPELINED  # requests of one connection that wait for a response
    heads: int = UNFINISHED_HEADS  # heads, chunk-size lines and trailers without their end
    beginnings: int = BEGINNINGS  # of connections whose protocol is not known yet
    decoders: int = DECODERS  # what open decoders take
    marks: int = MARKS  # small marks


STANDARD = Bounds()


class Room:
    """What there is room for over all connections, and how often there was none."""

    __slots__ = ("left", "refused")

    def __init__(self, size: int) -> None:
        self.left = size
        self.refused = 0

    def take(self, size: int) -> bool:
        """Take so much, if it is there; it is to be given back."""
        if size > self.left:
            self.refused += 1
            return False
        self.left -= size
        return True

    def give_back(self, size: int) -> None:
        """So much is free again."""
        self.left += size


class Rooms:
    """What all connections of one run share."""

    __slots__ = ("beginnings", "decoders", "exchanges", "heads", "marks")

    def __init__(self, bounds: Bounds) -> None:
        self.beginnings = Room(bounds.beginnings)
        self.decoders = Room(bounds.decoders)
        self.exchanges = Room(bounds.exchanges)
        self.heads = Room(bounds.heads)
        self.marks = Room(bounds.marks)
