"""What the options of a TCP header say (RFC 9293 §3.1; RFC 7323 for window scale and timestamps, RFC 2018
for SACK).

Options are up to 40 octets: a kind, then (except for kinds 0 and 1) a length that counts itself and the
kind. A length that is too small or runs past the end makes everything behind it unreadable: parsing stops
there, and what was read counts. An option whose length is not the one its kind has is left out, as
Linux does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

#: The data offset has four bits of 32-bit words: 60 octets of header, 20 of them fixed.
LONGEST = 40

END, NO_OPERATION, MAXIMUM_SEGMENT_SIZE, WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8

#: RFC 7323 §2.3: a shift above 14 is to be taken as 14.
LARGEST_SHIFT = 14

_U16 = Struct("!H")
_TWO_U32 = Struct("!II")


@dataclass(frozen=True, slots=True)
class TcpOptions:
    """The options httptrace knows, null where absent. `sack` holds (left, right) edges, absolute, in the
    order sent; `timestamps` is (value, echo reply). `window_scale` is a shift count, 14 at most. Of a
    repeated option the last counts."""

    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False
    sack: tuple[tuple[int, int], ...] = ()
    timestamps: tuple[int, int] | None = None


NO_OPTIONS = TcpOptions()


def split_options(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each option as (kind, data without kind and length), in the order sent; ends at the end-of-list
    option, and at the first length that cannot be."""
    end = min(len(raw), LONGEST)
    at = 0
    while at < end:
        kind = raw[at]
        if kind <= NO_OPERATION:
            yield kind, b""
            if kind == END:
                return
            at += 1
            continue
        if at + 1 == end:
            return
        length = raw[at + 1]
        if length < 2 or at + length > end:
            return
        yield kind, raw[at + 2 : at + length]
        at += length


def parse_options(raw: bytes) -> TcpOptions:
    """What the options say; never raises."""
    if not raw:
        return NO_OPTIONS
    mss: int | None = None
    window_scale: int | None = None
    sack_permitted = False
    sack: tuple[tuple[int, int], ...] = ()
    timestamps: tuple[int, int] | None = None
    for kind, data in split_options(raw):
        if kind == TIMESTAMPS and len(data) == 8:
            timestamps = _TWO_U32.unpack(data)
        elif kind == SACK:
            sack = _sack_blocks(data)
        elif kind == MAXIMUM_SEGMENT_SIZE and len(data) == 2:
            (mss,) = _U16.unpack(data)
        elif kind == WINDOW_SCALE and len(data) == 1:
            window_scale = min(data[0], LARGEST_SHIFT)
        elif kind == SACK_PERMITTED and not data:
            sack_permitted = True
    return TcpOptions(mss, window_scale, sack_permitted, sack, timestamps)


def _sack_blocks(data: bytes) -> tuple[tuple[int, int], ...]:
    """Whole blocks only; a rest of fewer than 8 octets is damage."""
    whole = data[: len(data) // 8 * 8]
    return tuple((left, right) for left, right in _TWO_U32.iter_unpack(whole))
