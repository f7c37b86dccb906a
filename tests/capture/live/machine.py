"""A machine that runs the kernel's filter programs (classic BPF), for tests of what they let through."""

from __future__ import annotations

from httptrace.capture.live.filters import INSTRUCTION

_AD = 0xFFFFF000


class OutsideError(Exception):
    """A load beyond the packet: the kernel lets such a packet not through."""


def accepts(program: bytes, packet: bytes, ancillary: dict[int, int] | None = None) -> bool:
    """Whether the program lets the packet through. `ancillary`: what the kernel knows besides, by offset."""
    lines = list(INSTRUCTION.iter_unpack(program))
    a = x = place = 0
    memory = [0] * 16

    def load(at: int, octets: int) -> int:
        if at >= _AD:
            assert ancillary is not None, "this program asks the kernel"
            return ancillary[at - _AD]
        if at + octets > len(packet):
            raise OutsideError
        return int.from_bytes(packet[at : at + octets], "big")

    try:
        while True:
            code, true, false, k = lines[place]
            place += 1
            match code:
                case 0x20 | 0x28 | 0x30:
                    a = load(k, {0x20: 4, 0x28: 2, 0x30: 1}[code])
                case 0x40 | 0x48 | 0x50:
                    a = load(x + k, {0x40: 4, 0x48: 2, 0x50: 1}[code])
                case 0xB1:
                    x = 4 * (load(k, 1) & 15)
                case 0x01:
                    x = k
                case 0x02:
                    memory[k] = a
                case 0x61:
                    x = memory[k]
                case 0x04 | 0x0C:
                    a = (a + (k if code == 0x04 else x)) & 0xFFFF_FFFF
                case 0x64:
                    a = (a << k) & 0xFFFF_FFFF
                case 0x54:
                    a &= k
                case 0x05:
                    place += k
                case 0x15:
                    place += true if a == k else false
                case 0x25 | 0x35:
                    place += true if a > k or (code == 0x35 and a == k) else false
                case 0x45:
                    place += true if a & k else false
                case 0x06:
                    return k > 0
                case _:
                    raise AssertionError(f"instruction {code:#x}")
    except OutsideError:
        return False
