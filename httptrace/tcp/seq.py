"""Arithmetic of sequence numbers: a circle of 32 bits, not a line (RFC 9293 §3.4).

There is no first and no last number on a circle; "before" means "less than half the circle behind". Two
numbers exactly half a circle apart are each before the other, which real windows (1 GiB at most) never come
near.
"""

from __future__ import annotations

_MODULUS_MASK = 0xFFFF_FFFF
_HALF = 0x8000_0000


def seq_diff(a: int, b: int) -> int:
    """Signed distance a - b in bytes on the 32-bit circle, -2**31 .. 2**31 - 1 (RFC 9293 §3.4)."""
    return ((a - b + _HALF) & _MODULUS_MASK) - _HALF


def seq_add(seq: int, length: int) -> int:
    """The sequence number `length` bytes further on; a negative length goes back."""
    return (seq + length) & _MODULUS_MASK


def seq_before(a: int, b: int) -> bool:
    """Whether `a` comes before `b`."""
    return (a - b) & _HALF != 0


def seq_after(a: int, b: int) -> bool:
    """Whether `a` comes behind `b`."""
    return (b - a) & _HALF != 0
