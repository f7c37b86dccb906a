"""The report's bounds, each with its reason. What a bound leaves out, the report names with its number.

The parts have budgets of their own, so that none starves another; together with the page's own code they keep a
report below 48 MiB (all octets count as they stand in the file), which a browser opens without thinking.
"""

from __future__ import annotations

from httptrace.limits import KIB, MIB

#: Rows of the table of exchanges, and the octets of JSON they may take. Every row is in the browser's memory.
ROWS = 100_000
ROWS_BYTES = 12 * MIB

#: Names that are counted in one table of the statistics, and times that are kept for a median.
NAMES = 2_000
TIMES = 200_000

#: Connections in the table of connections.
CONNECTIONS = 20_000

#: Octets of JSON for heads, notes and bodies, of all exchanges together.
HEADS_BYTES = 8 * MIB
BODIES_BYTES = 6 * MIB

#: Different header fields that are remembered, so that one that comes again stands in the report once.
PAIRS = 20_000

#: Octets of messages as they were sent, of all exchanges together.
WIRE_BYTES = 4 * MIB

#: Octets of one body that are kept, decoded; pictures only show whole.
BODY = 64 * KIB
PICTURE = 512 * KIB

#: Octets of bodies being read at once, of all open exchanges together.
OPEN_BODIES = 32 * MIB

#: No body or message takes more than this part of what is left of its budget, a picture more than that: so hundreds
#: of large ones still find room, each smaller than those before it.
SHARE = 60
PICTURES_SHARE = 8

#: Octets of one message as it was sent, from its first; a message that is no text shows fewer in hexadecimal.
WIRE = 64 * KIB
WIRE_BINARY = 4 * KIB

#: Octets that are kept of a direction of a connection until the exchange they belong to is over: its beginning, and
#: the latest, in which the next message may begin. And of all connections together.
HELD_FIRST = WIRE + 16 * KIB
HELD_LATEST = 64 * KIB
HELD_IN_ALL = 24 * MIB

#: Packets of ladders held at once and those of one connection, and the octets of JSON they may take. The latter are
#: room for about as many packets as the former.
PACKETS = 100_000
PACKETS_OF_ONE = 20_000
LADDERS_BYTES = 10 * MIB

#: Packets that are told in prose, and the octets of JSON that may take: telling one in two languages costs more than
#: reading it.
TOLD = 10_000
TOLD_BYTES = 4 * MIB

#: Characters of a target, URL, reason phrase or field value; header fields of a message.
ROW_URL = 400
TEXT = 4_000
FIELDS = 200

#: Notes that are listed, and the characters of one.
NOTES = 2_000
NOTE = 600

#: Pixels of a picture that is shown: a small file can claim a very large one.
PIXELS = 25_000_000

#: Rows that stand in the page itself, for readers without scripts.
PLAIN_ROWS = 200
