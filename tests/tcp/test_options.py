"""What is read from TCP options, whole, strange and damaged."""

from __future__ import annotations

import random

import pytest

from httptrace.tcp.options import LONGEST, NO_OPTIONS, TcpOptions, parse_options, split_options

MSS = b"\x02\x04\x05\xb4"
SCALE_7 = b"\x03\x03\x07"
SACK_OK = b"\x04\x02"
STAMPS = b"\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02"
ONE_BLOCK = b"\x05\x0a\x00\x00\x00\x0a\x00\x00\x00\x14"
TWO_BLOCKS = b"\x05\x12\xff\xff\xff\xf0\x00\x00\x00\x05\x00\x00\x00\x0a\x00\x00\x00\x14"
NOP, END = b"\x01", b"\x00"

CASES = [
    pytest.param(b"", NO_OPTIONS, id="none"),
    pytest.param(MSS, TcpOptions(mss=1460), id="mss"),
    pytest.param(NOP + SCALE_7, TcpOptions(window_scale=7), id="window-scale"),
    pytest.param(b"\x03\x03\xff", TcpOptions(window_scale=14), id="shift-above-14-is-14"),
    pytest.param(SACK_OK, TcpOptions(sack_permitted=True), id="sack-permitted"),
    pytest.param(STAMPS, TcpOptions(timestamps=(1, 2)), id="timestamps"),
    pytest.param(ONE_BLOCK, TcpOptions(sack=((10, 20),)), id="sack"),
    pytest.param(TWO_BLOCKS, TcpOptions(sack=((0xFFFF_FFF0, 5), (10, 20))), id="sack-of-two-across-the-wrap"),
    pytest.param(b"\x05\x0d" + bytes(11), TcpOptions(sack=((0, 0),)), id="sack-with-half-a-block"),
    pytest.param(
        MSS + SACK_OK + STAMPS + NOP + SCALE_7,
        TcpOptions(mss=1460, window_scale=7, sack_permitted=True, timestamps=(1, 2)),
        id="those-of-a-linux-syn",
    ),
    pytest.param(MSS + END + SCALE_7, TcpOptions(mss=1460), id="nothing-behind-the-end"),
    pytest.param(b"\x1e\x04\x00\x00" + MSS, TcpOptions(mss=1460), id="unknown-kind-is-stepped-over"),
    pytest.param(MSS + b"\x03", TcpOptions(mss=1460), id="length-missing"),
    pytest.param(MSS + b"\x09\x00" + SCALE_7, TcpOptions(mss=1460), id="length-0-ends-it"),
    pytest.param(MSS + b"\x09\x01" + SCALE_7, TcpOptions(mss=1460), id="length-1-ends-it"),
    pytest.param(MSS + b"\x08\x0a\x00", TcpOptions(mss=1460), id="length-past-the-end"),
    pytest.param(b"\x02\x03\x05" + SCALE_7, TcpOptions(window_scale=7), id="mss-of-wrong-length"),
    pytest.param(b"\x03\x04\x01\x01" + MSS, TcpOptions(mss=1460), id="window-scale-of-wrong-length"),
    pytest.param(b"\x04\x03\x00" + MSS, TcpOptions(mss=1460), id="sack-permitted-of-wrong-length"),
    pytest.param(b"\x08\x09" + bytes(7) + MSS, TcpOptions(mss=1460), id="timestamps-of-wrong-length"),
    pytest.param(MSS + b"\x02\x04\x00\x64", TcpOptions(mss=100), id="the-last-of-two"),
    pytest.param(NOP * LONGEST + MSS, NO_OPTIONS, id="nothing-behind-40-octets"),
]


@pytest.mark.parametrize(("raw", "options"), CASES)
def test_what_is_read(raw: bytes, options: TcpOptions) -> None:
    assert parse_options(raw) == options


@pytest.mark.parametrize("seed", range(30))
def test_any_octets_are_read_without_complaint(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        raw = bytes(rng.choice((rng.randrange(12), rng.randrange(256))) for _ in range(rng.randrange(60)))
        options = parse_options(raw)
        assert options.window_scale is None or options.window_scale <= 14
        assert len(options.sack) <= 4
        pieces = list(split_options(raw))
        assert sum(1 if kind <= 1 else len(data) + 2 for kind, data in pieces) <= LONGEST
