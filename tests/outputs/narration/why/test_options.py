"""The options of a SYN in words: read as the tcp layer reads them, whatever the bytes."""

from __future__ import annotations

import random
from struct import pack

import pytest

from httptrace.model import Direction, PacketRecord
from httptrace.outputs.narration.facts import Connection
from httptrace.outputs.narration.why.options import Options, read_options, sack_rows, syn_rows
from httptrace.outputs.narration.wording import Roles
from httptrace.tcp.options import parse_options

MSS, SCALE, SACK_OK, NOP = b"\x02\x04\x05\xb4", b"\x03\x03\x07", b"\x04\x02", b"\x01"
TIMES = b"\x08\x0a" + pack("!II", 1234, 0)


def syn(options: bytes, flags: str = "S") -> PacketRecord:
    return PacketRecord(1, 0, 0, Direction.CLIENT, flags, 0, None, 0, 65535, (), 77, 0, 0, options)


@pytest.mark.parametrize("seed", range(40))
def test_read_as_the_tcp_layer_does(seed: int) -> None:
    chance = random.Random(seed)
    whole = [MSS, SCALE, SACK_OK, NOP, TIMES, b"\x05\x0a" + chance.randbytes(8), b"\xfe\x04ab", b"\x00"]
    for _ in range(100):
        raw = b"".join(chance.choices(whole, k=chance.randrange(6)))[:40]
        if chance.random() < 0.5:
            raw = bytearray(raw + b"\x02")
            raw[chance.randrange(len(raw))] = chance.randrange(256)
            raw = bytes(raw)
        ours, theirs = read_options(raw), parse_options(raw)
        assert (ours.mss, ours.scale, ours.sack_permitted, ours.timestamps, ours.sack) == (
            theirs.mss,
            theirs.window_scale,
            theirs.sack_permitted,
            theirs.timestamps,
            theirs.sack,
        ), raw


@pytest.mark.parametrize(
    ("raw", "offered", "texts"),
    [
        pytest.param(MSS, None, ["MSS 1460: the server is to put at most 1,460\xa0bytes"], id="mss"),
        pytest.param(SCALE, None, ["Window scale 7: after the handshake the client's windows count × 128"], id="scale"),
        pytest.param(SCALE, Options(), ["Window scale 7, which does not count: the other SYN had none"], id="alone"),
        pytest.param(SACK_OK, Options(scale=7), ["No window scale: so neither", "SACK permitted"], id="no-scale"),
        pytest.param(TIMES, None, ["clock stands at 1234; nothing to echo yet"], id="timestamps"),
        pytest.param(b"\x08\x0a" + pack("!II", 9, 1234), None, ["it echoes 1234, the other clock"], id="echo"),
        pytest.param(b"\x22\x02", None, ["TCP Fast Open"], id="fast-open"),
        pytest.param(b"", None, ["None: the client asks for nothing beyond plain TCP."], id="none"),
        pytest.param(b"\x02\x03\x05", None, [], id="a-wrong-length-says-nothing"),
    ],
)
def test_words(raw: bytes, offered: Options | None, texts: list[str]) -> None:
    rows = syn_rows(Connection().observe(syn(raw)), Roles(False), offered)
    assert len(rows) == len(texts)
    assert all(text in row.text for text, row in zip(texts, rows, strict=True))
    assert [row.label for row in rows] == ["options", "", ""][: len(rows)]


def test_the_blocks_of_a_sack_are_relative() -> None:
    record = PacketRecord(9, 0, 0, Direction.CLIENT, "A", 384, 1461, 0, 65535, ("dup-ack",), 1384, 0xFFFF_FFF0, 0)
    base = 0xFFFF_FFF0 - 1461
    blocks = pack("!II", (base + 2921) % 2**32, (base + 4381) % 2**32)
    record.options = b"\x01\x01\x05\x0a" + blocks
    (row,) = sack_rows(record, Roles(False), Connection().observe(record))
    assert row.text == "The client has bytes 2921–4380 already, behind what is missing (RFC 2018 §3)."
