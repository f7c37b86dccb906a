"""How far the three-way handshake was seen, as one table (RFC 9293 §3.5).

A watcher sees packets, not states: what is missing from the capture leaves a handshake `partial`, and what does not
fit changes nothing. `FIRST` is the side that sent the first SYN, `OTHER` its peer.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
PSH: Final = 8
ACK: Final = 16
URG: Final = 32
ECE: Final = 64
CWR: Final = 128
FLAG_LETTERS = (
    (CWR, "C"),
    (ECE, "E"),
    (URG, "U"),
    (ACK, "A"),
    (PSH, "P"),
    (RST, "R"),
    (SYN, "S"),
    (FIN, "F"),
)

FIRST, OTHER = 0, 1


class Handshake(Enum):
    """What was seen of it so far."""

    UNSEEN = auto()
    SYN_SEEN = auto()
    SYN_ACK_ONLY = auto()  # the SYN itself is not in the capture
    SYN_ACK_SEEN = auto()
    REFUSED = auto()
    COMPLETE = auto()


#: Taken from the class once: there, Python 3.11 needs 0.1 µs to find one, and these are asked for in every connection.
UNSEEN, SYN_SEEN, SYN_ACK_ONLY, SYN_ACK_SEEN, REFUSED, COMPLETE = Handshake


#: The contract's word for a connection that ends in a state.
WORDS = {
    UNSEEN: "unseen",
    SYN_SEEN: "partial",
    SYN_ACK_ONLY: "partial",
    SYN_ACK_SEEN: "partial",
    REFUSED: "refused",
    COMPLETE: "complete",
}

#: (state, sender, flags & (SYN | ACK | RST)) -> state; what is not listed changes nothing.
TRANSITIONS = {
    (UNSEEN, FIRST, SYN): SYN_SEEN,
    (UNSEEN, OTHER, SYN | ACK): SYN_ACK_ONLY,
    (SYN_SEEN, OTHER, SYN | ACK): SYN_ACK_SEEN,
    (SYN_SEEN, OTHER, RST | ACK): REFUSED,
    (SYN_SEEN, OTHER, RST): REFUSED,
    (SYN_ACK_SEEN, FIRST, ACK): COMPLETE,
}


#: The letters of the flags that are set, in the contract's order, by the flags' low eight bits.
FLAG_NAMES = tuple("".join(letter for bit, letter in FLAG_LETTERS if flags & bit) for flags in range(256))
