"""Every bound in the program, in one place, each with its reason. Reaching one is a note or a line on stderr."""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB

#: One read of a capture. Far larger blocks cost twice, because they leave the processor's cache.
BLOCK = 256 * KIB

#: The largest record a capture may claim. Super-segments reach 64 KiB, jumbo ones more; beyond this it is damage.
LARGEST_RECORD = 256 * MIB

#: Bytes of one connection held behind holes, and of all connections together (the contract's numbers).
HELD_PER_CONNECTION = 8 * MIB
HELD_IN_ALL = 32 * MIB

#: A hole that the peer acknowledged past is given up after this many packets of the connection, or this long.
GRACE_PACKETS = 32
GRACE_NS = 250_000_000

#: Open connections; beyond it the longest idle one is closed with a note.
OPEN_CONNECTIONS = 100_000

#: Connections that ended and are still remembered, so that a straggler does not look like a new one.
CLOSED_CONNECTIONS = 4_096

#: Octets of a start line and header section. Servers stop at 8 to 64 KiB; an observer may be more patient.
HEAD = 1 * MIB

#: Octets of one chunk-size line, extensions included, and of a trailer section.
CHUNK_LINE = 16 * KIB
TRAILERS = 64 * KIB

#: Differing overlaps remembered ahead of the message they fall into.
OVERLAPS = 1_000

#: Requests of one connection that wait for a response.
PIPELINED = 10_000

#: Octets that decoding one body may yield, and the ratio at which a small body counts as a bomb.
DECODED = 1024 * MIB
DECODED_RATIO = 2_000

#: Codings in a stack (RFC 9110 §8.4 sets no bound, nobody sends three).
CODINGS = 8

#: Bytes of a body kept for display, where a command shows bodies.
KEPT_BODY = 16 * MIB

#: Finished records (as printed) that wait behind one that is still open.
WAITING_RECORDS = 16 * MIB

#: IP datagrams being put together, the octets they hold, and how long one may take (RFC 791 says 15 s and up).
FRAGMENT_DATAGRAMS = 1_024
FRAGMENT_BYTES = 8 * MIB
FRAGMENT_NS = 60_000_000_000

#: Headers inside headers (tunnels in tunnels) that decoding follows.
NESTING = 16

#: Packets that may be told at once where a walkthrough needs the whole capture first.
GATHERED_PACKETS = 200_000

#: Packets that a quiz or a worksheet is made from: enough for any lesson, and read in a moment.
LESSON_PACKETS = 5_000

#: The largest file of answers that is marked.
ANSWERS = 1 * MIB

#: Worker processes. More than a large machine has processors only cost memory.
JOBS = 64

#: Connections with a defect of ours that are named on stderr.
DEFECTS = 20

#: Captures up to this size may be read whole before the first line is printed.
READ_FIRST = 1 * MIB

#: Bytes of captured packets that wait to be read, live: a ring of the kernel, and ordinary memory while the reader is
#: behind. Three seconds of a web server at its limit (350,000 small packets a second).
LIVE_BUFFER = 512 * MIB

#: Lines that wait for a terminal or pipe that does not take them; beyond it they are left out, counted.
LIVE_OUTPUT = 64 * MIB

#: A live connection that is silent for so long is told and forgotten (by the time of packets).
IDLE_NS = 600_000_000_000

#: The same segment on another interface within this time is the same packet, seen again on its way.
DOUBLE_NS = 5_000_000

#: Segments remembered for that.
DOUBLES = 65_536
