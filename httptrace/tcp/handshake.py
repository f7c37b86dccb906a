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


#: The contract's word for a connection that ends in a state.
WORDS = {
    Handshake.UNSEEN: "unseen",
    Handshake.SYN_SEEN: "partial",
    Handshake.SYN_ACK_ONLY: "partial",
    Handshake.SYN_ACK_SEEN: "partial",
    Handshake.REFUSED: "refused",
    Handshake.COMPLETE: "complete",
}

#: (state, sender, flags & (SYN | ACK | RST)) -> state; what is not listed changes nothing.
TRANSITIONS = {
    (Handshake.UNSEEN, FIRST, SYN): Handshake.SYN_SEEN,
    (Handshake.UNSEEN, OTHER, SYN | ACK): Handshake.SYN_ACK_ONLY,
    (Handshake.SYN_SEEN, OTHER, SYN | ACK): Handshake.SYN_ACK_SEEN,
    (Handshake.SYN_SEEN, OTHER, RST | ACK): Handshake.REFUSED,
    (Handshake.SYN_SEEN, OTHER, RST): Handshake.REFUSED,
    (Handshake.SYN_ACK_SEEN, FIRST, ACK): Handshake.COMPLETE,
}


#: The letters of the flags that are set, in the contract's order, by the flags' low eight bits.
FLAG_NAMES = tuple("".join(letter for bit, letter in FLAG_LETTERS if flags & bit) for flags in range(256))
