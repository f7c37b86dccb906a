"""`audit` as a table: it fits the terminal, adds up, and says what jsonl says."""

from __future__ import annotations

import re

import pytest

from httptrace.cli.verbs import audit_
from httptrace.ledger import DirectionLedger
from httptrace.model import Direction
from httptrace.outputs.survey.leftovers import REASONS
from httptrace.outputs.wrap import cell_width
from httptrace.packets.cursor import Skipped
from tests.build import conversation, get, ok
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("name", EVERY)
def test_every_line_fits(httptrace, name, columns, language):
    lines = httptrace("audit", name, "--lang", language, columns=columns).lines
    assert [line for line in lines if cell_width(line) > min(columns, 100)] == []


@pytest.mark.parametrize("name", EVERY)
def test_a_row_says_what_jsonl_says(httptrace, name):
    records = [one for one in httptrace("audit", name, "--format", "jsonl").records if one["kind"] == "direction"]
    records = [one for one in records if one["captured_bytes"] or one["sequence"]["span"]]  # the rest has no row
    rows = [line.split() for line in httptrace("audit", name).lines[1 : len(records) + 1]]
    for row, record in zip(rows, records, strict=True):
        sequence = record["sequence"]
        assert row == [
            str(record["stream"]),
            record["from"],
            f"{record['captured_bytes']:,}",
            f"{sum(record['messages'].values()):,}",
            f"{sum(record['not_http'].values()):,}",
            f"{record['resync_bytes']:,}",
            f"{record['retransmitted_bytes']:,}",
            f"{record['ignored_bytes'] + record['late_bytes']:,}",
            f"{sequence['missing_acked'] + sequence['missing_unacked']:,}",
        ]


def test_the_sums_below_the_table_add_up(httptrace, tmp_path):
    path = conversation(get("/a"), ok(b"x" * 5000), repeat=[5], drop=[6], snap=900).save(tmp_path / "cut.pcap")
    text = httptrace("audit", path).text.partition("\n\n")[2]
    sums = re.split(r"\n(?! )", text.strip())
    assert len(sums) == 4
    for one in sums:
        whole, _, parts = one.partition(" = ")
        if not whole.startswith("captured"):
            numbers = [int(number.replace(",", "")) for number in re.findall(r"(?:^|\+ )([\d,]+)", parts, re.M)]
            assert int(re.search(r"[\d,]+", whole)[0].replace(",", "")) == sum(numbers)
    assert "cut off by the snap length" in text


def test_every_reason_has_its_words():
    assert set(REASONS) == {reason.value for reason in Skipped}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "stream 0 (client) does not balance, please report it: captured 12,345 bytes, accounted for 0"),
        ("zh", "连接 0（客户端）的账目不平，请报告此问题：抓到 12,345 字节，记账 0 字节"),
    ],
)
def test_a_ledger_that_does_not_balance_is_said(httptrace, monkeypatch, language, said):
    def unbalanced(auditing, ledger):
        ledger = DirectionLedger(stream=0, sender=Direction.CLIENT, captured=12_345)
        direction(auditing, ledger)

    direction = audit_._Auditing.direction
    monkeypatch.setattr(audit_._Auditing, "direction", unbalanced)
    result = httptrace("audit", "first-page.pcap", "--lang", language)
    assert result.status == 3
    assert f"{said}\n" in result.err
