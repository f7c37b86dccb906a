"""A packet as a line: what is hidden, and how it fits."""

from __future__ import annotations

import pytest

from httptrace import lang
from httptrace.model import Direction, PacketRecord
from httptrace.outputs.entries import arrow, flags, lines
from httptrace.outputs.wrap import cell_width
from httptrace.teach.questions.question import ACK, FLAGS, LENGTH, SEQ, Shown, hide


def record(packet: int = 7, sender: Direction = Direction.SERVER, **more: int) -> PacketRecord:
    return PacketRecord(packet, 0, 5, sender, "AP", more.get("seq", 1), 373, more.get("length", 1460), 501, ())


@pytest.mark.parametrize(
    ("hidden", "line"),
    [
        pytest.param((), "No7  client ← server  PSH, ACK  seq=1  ack=373  1,460 bytes", id="nothing"),
        pytest.param((FLAGS,), "No7  client ← server  ?  seq=1  ack=373  1,460 bytes", id="flags"),
        pytest.param((SEQ,), "No7  client ← server  PSH, ACK  seq=?  ack=373  1,460 bytes", id="seq"),
        pytest.param((ACK,), "No7  client ← server  PSH, ACK  seq=1  ack=?  1,460 bytes", id="ack"),
        pytest.param((LENGTH,), "No7  client ← server  PSH, ACK  seq=1  ack=373  ? bytes", id="length"),
    ],
)
def test_what_is_hidden(hidden: tuple[str, ...], line: str) -> None:
    assert lines([hide(record(), *hidden)], 80) == [line]


def test_columns_stand_in_line() -> None:
    one, two = lines([Shown(record()), Shown(record(12, Direction.CLIENT, seq=100_000))], 80)
    assert one.index("ack=") == two.index("ack=")


@pytest.mark.parametrize("width", [76, 70, 64, 58, 50, 40])
@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_it_fits(language: str, width: int) -> None:
    long = record(123_456, seq=4_294_967_295)
    with lang.speaking(language):
        rows = lines([Shown(long, since_ns=99_999_999_999_999, window=True), Shown(record())], width)
    assert max(map(cell_width, rows)) <= width
    assert "window=501" in "".join(rows)


def test_a_bare_ack_has_no_length() -> None:
    assert "byte" not in lines([Shown(record(length=0))], 80)[0]


def test_words() -> None:
    assert lines([], 80) == []
    assert (arrow(record()), flags(record())) == ("client ← server", "PSH, ACK")
    with lang.speaking("zh"):
        assert arrow(record()) == "客户端 ← 服务器"
