"""Tables that stream: the width is kept, what does not fit is shortened, wider ones get more."""

from __future__ import annotations

import pytest

from httptrace.outputs.paint import Paint
from httptrace.outputs.table import Column, Table
from httptrace.outputs.wrap import cell_width

PLAIN = Paint(False)


def columns():
    return [
        Column("No", 4, lambda record, _width: str(record["no"]), right=True),
        Column("Name", 8, lambda record, _width: record["name"], takes_rest=True),
        Column("Kind", 6, lambda record, _width: record["kind"], wide=12, roomy=60, style=lambda _record: "yellow"),
        Column("More", 5, lambda _record, width: str(width), needs=50),
    ]


@pytest.mark.parametrize("width", [30, 40, 49, 50, 60, 100])
@pytest.mark.parametrize("name", ["short", "x" * 200, "三次握手" * 20, ""], ids=["short", "long", "wide", "empty"])
def test_rows_are_never_wider(width, name):
    table = Table(columns(), width, PLAIN)
    row = table.row({"no": 1, "name": name, "kind": "chinese characters"})
    assert cell_width(row) <= width
    assert cell_width(table.heading()) <= width


def test_columns_stand_below_one_another_whatever_the_characters():
    table = Table(columns(), 49, PLAIN)
    places = set()
    for name in ("short", "三次握手", "三次握手" * 20, "x" * 99):
        row = table.row({"no": 1, "name": name, "kind": "KIND"})
        places.add(cell_width(row[: row.index("KIND")]))
    assert len(places) == 1


def test_wider_tables_have_more_columns_and_wider_ones():
    record = {"no": 1, "name": "n", "kind": "twelve cells"}
    assert "More" not in Table(columns(), 49, PLAIN).heading()
    assert "More" in Table(columns(), 50, PLAIN).heading()
    assert "twelv…" in Table(columns(), 59, PLAIN).row(record)
    assert "twelve cells" in Table(columns(), 60, PLAIN).row(record)


def test_a_number_is_never_cut():
    row = Table(columns(), 40, PLAIN).row({"no": 123_456_789, "name": "n", "kind": "k"})
    assert row.startswith("123456789 n")


def test_colour_takes_no_room():
    record = {"no": 1, "name": "n", "kind": "k"}
    plain, coloured = Table(columns(), 40, PLAIN).row(record), Table(columns(), 40, Paint(True)).row(record)
    assert coloured.replace("\x1b[33m", "").replace("\x1b[0m", "").rstrip() == plain


def test_a_translated_title_wider_than_its_column_makes_room():
    table = Table([Column("确认号码长", 4, lambda _record, _width: "1"), *columns()[1:2]], 40, PLAIN)
    assert cell_width(table.heading()[: table.heading().index("Name")]) == 11
