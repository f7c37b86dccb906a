"""`wire`: frames that another reader takes apart to what was put in."""

from __future__ import annotations

import random

import dpkt
import pytest

from httptrace.teach.situations.wire import Station, checksum, frame, sack_option, syn_options

CLIENT = Station("00:00:5e:00:53:21", "192.0.2.33", 51000, 128)
SERVER = Station("00:00:5e:00:53:01", "198.51.100.80", 80, 53)


@pytest.mark.parametrize("seed", range(10))
def test_another_reader_finds_what_was_written(seed: int) -> None:
    chance = random.Random(seed)
    seq, ack, payload = chance.getrandbits(32), chance.getrandbits(32), chance.randbytes(chance.randrange(0, 60))
    written = frame(
        CLIENT, SERVER, identification=7, seq=seq, ack=ack, flags="PA", window=501, payload=payload, padded=True
    )
    ip = dpkt.ethernet.Ethernet(written).data
    assert (ip.src, ip.dst, ip.ttl, ip.id) == (bytes((192, 0, 2, 33)), bytes((198, 51, 100, 80)), 128, 7)
    tcp = ip.data
    assert (tcp.sport, tcp.dport, tcp.seq, tcp.ack, tcp.win) == (51000, 80, seq, ack, 501)
    assert (tcp.flags, bytes(tcp.data)) == (dpkt.tcp.TH_PUSH | dpkt.tcp.TH_ACK, payload)
    head = written[14:34]
    segment = written[34 : 34 + 20 + len(payload)]
    pseudo = head[12:20] + b"\0\x06" + len(segment).to_bytes(2)
    assert checksum(head) == checksum(pseudo + segment) == 0


def test_short_frames_are_padded_only_where_they_come_in() -> None:
    more = {"identification": 1, "seq": 1, "ack": 1, "flags": "A", "window": 1}
    assert len(frame(SERVER, CLIENT, padded=True, **more)) == 60
    assert len(frame(CLIENT, SERVER, **more)) == 54


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(syn_options(1460, None), [(2, b"\x05\xb4"), (4, b"")], id="SYN without scale"),
        pytest.param(syn_options(1460, 7), [(2, b"\x05\xb4"), (4, b""), (3, b"\7")], id="SYN"),
        pytest.param(sack_option([(1, 2)]), [(5, b"\0\0\0\1\0\0\0\2")], id="SACK"),
        pytest.param(sack_option([]), [], id="nothing held"),
    ],
)
def test_options(options: bytes, expected: list[tuple[int, bytes]]) -> None:
    found = [one for one in dpkt.tcp.parse_opts(options) if one[0] > 1] if options else []
    assert len(options) % 4 == 0
    assert found == expected
