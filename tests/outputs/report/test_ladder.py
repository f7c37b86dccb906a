"""A connection's ladder: the numbers of `packets`, the states, the holes and the words of the walkthrough."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from httptrace.cli.main import main
from httptrace.outputs.report import ladder as ladders
from httptrace.tcp.analysis import words_of
from tests.build import conversation, get, head, lost, ok
from tests.outputs.report.made import CAPTURES, ROOT, make, of


class _Out(io.TextIOWrapper):
    """Standard output that is kept."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.buffer.getvalue().splitlines()]  # type: ignore[attr-defined]


def packets(capture: Path) -> list[dict[str, Any]]:
    out = _Out()
    with redirect_stdout(out):
        main(["packets", str(capture), "--format", "jsonl"])
    return out.lines


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_numbers_are_those_of_packets(capture: Path) -> None:
    made = of(capture)
    rows = {row[0]: (stream, row) for stream, one in made.ladders.items() for row in one["packets"]}
    expected = packets(capture)
    assert len(rows) == len(expected)
    for record in expected:
        stream, row = rows[record["packet"]]
        assert stream == record["stream"]
        assert row[2:8] == [
            int(record["from"] == "server"),
            record["flags"],
            record["seq"],
            record["ack"],
            record["len"],
            record["window"],
        ]
        assert [made.core["analysis"][word] for word in row[8]] == record["analysis"]


def test_states_go_from_closed_to_closed() -> None:
    made = of(ROOT / "captures" / "first-page.pcap")
    (ladder,) = made.ladders.values()
    names = made.core["states"]
    client = [names[row[9][1]] for row in ladder["packets"]]
    server = [names[row[9][3]] for row in ladder["packets"]]
    assert client[:3] == ["SYN-SENT", "ESTABLISHED", "ESTABLISHED"]
    assert server[:3] == ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]
    assert {"FIN-WAIT-1", "CLOSE-WAIT", "LAST-ACK"} & {*client, *server}


def test_every_word_of_the_analysis_has_its_number() -> None:
    assert set(ladders.ANALYSIS) == set(words_of((1 << 20) - 1))


def test_a_hole_stands_in_the_ladder(tmp_path: Path) -> None:
    talk = conversation(get("/"), [head(content_length=30), lost(b"x" * 9), b"y" * 21], ack_every=1)
    (ladder,) = make(talk.save(tmp_path / "hole.pcap"), tmp_path).ladders.values()
    (gap,) = ladder["gaps"]
    start = 1 + len(head(content_length=30))
    assert gap[1:] == [1, start, 9, 1]
    response = next(at for at, span in enumerate(ladder["spans"]) if span[1] == "response")
    octets = {
        octet
        for _packet, span, low, high, _again in ladder["carried"]
        if span == response
        for octet in range(low, high)
    }
    whole = set(range(ladder["spans"][response][4] - ladder["spans"][response][3]))
    assert whole - octets == set(range(start - 1, start + 8))


def test_what_comes_again_is_marked_in_the_ladder(tmp_path: Path) -> None:
    talk = conversation(get("/"), ok(b"z" * 4000), repeat=[6])
    (ladder,) = make(talk.save(tmp_path / "again.pcap"), tmp_path).ladders.values()
    again = [entry for entry in ladder["carried"] if entry[4]]
    (entry,) = again
    assert ladder["packets"][entry[0]][0] == 7
    assert (entry[2], entry[3]) == (1460, 2920)


def test_prose_is_told_for_each_packet_in_both_languages() -> None:
    (ladder,) = of(ROOT / "captures" / "first-page.pcap").ladders.values()
    english, chinese = ladder["prose"]
    assert len(english["texts"]) == len(chinese["texts"]) == len(ladder["packets"])
    assert (english["names"], chinese["names"]) == (["browser", "server"], ["浏览器", "服务器"])
    assert [at for at, _text in english["headings"]] == [at for at, _text in chinese["headings"]]
    assert "GET /" in english["texts"][3][0]
    for one, other in zip(english["texts"], chinese["texts"], strict=True):
        assert len(one) == len(other)
        assert one != other
    assert all("\u00a0" not in text for texts in english["texts"] for text in texts)


def test_the_snap_length_carries_no_bytes(tmp_path: Path) -> None:
    talk = conversation(get("/"), ok(b"z" * 1200), snap=200)
    (ladder,) = make(talk.save(tmp_path / "cut.pcap"), tmp_path).ladders.values()
    row = next(row for row in ladder["packets"] if row[6] > 1000)
    assert row[13] > 0
    assert sum(entry[3] - entry[2] for entry in ladder["carried"]) < 400
