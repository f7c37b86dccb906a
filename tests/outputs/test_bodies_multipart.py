"""Multipart bodies: the parts of a form, of broken senders, and of hostile ones."""

from __future__ import annotations

import pytest

from httptrace.outputs import multipart
from httptrace.outputs.bodies import describe
from httptrace.outputs.sections import Summary, Table, Text

FORM = (
    b"preamble\r\n--b0\r\n"
    b'Content-Disposition: form-data; name="title"\r\n\r\nA title\r\n--b0\r\n'
    b'Content-Disposition: form-data; name="photo"; filename="p\xc3\xa9.png"\r\nContent-Type: image/png\r\n'
    b"X-Own: 1\r\n\r\n\x89PNG\r\n--b0 no delimiter\r\n--b00\r\n\r\n--b0--\r\nepilogue"
)


def shown(parts):
    return [(part.name, part.file_name, part.content, part.closed) for part in parts]


def test_parts_of_a_form():
    parts, more = multipart.parts(FORM, "b0")
    assert shown(parts) == [
        ("title", None, b"A title", True),
        ("photo", "pé.png", b"\x89PNG\r\n--b0 no delimiter\r\n--b00\r\n", True),
    ]
    assert parts[1].headers[2] == ("X-Own", "1")
    assert not more


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'form-data; filename="a b.txt"', "a b.txt"),
        (b"form-data; filename=a.txt; name=x", "a.txt"),
        (rb'form-data; filename="a\"b\\c.txt"', r'a"b\c.txt'),
        (rb'form-data; filename="C:\dir\a.txt"', r"C:\dir\a.txt"),
        (b"form-data; filename*=UTF-8''%E6%B1%89.txt; filename=x", "汉.txt"),
        (b"form-data; filename*=gbk'zh'%BA%BA", "汉"),
        (b"form-data; filename*=broken", "broken"),
        (b'form-data; filename="\xe9"', "é"),
        (b'form-data; filename="never ends', "never ends"),
        (b'form-data; filename=""', ""),
        (b"form-data", None),
        (b"", None),
    ],
)
def test_file_names(disposition, name):
    body = b"--b\r\nContent-Disposition: " + disposition + b"\r\n\r\nx\r\n--b--"
    assert multipart.parts(body, "b")[0][0].file_name == name


@pytest.mark.parametrize(
    ("body", "boundary", "expected"),
    [
        (b"--b\n\nx\n--b--", "b", [(b"x", True)]),
        (b"--b\r\n\r\nx\r\n--b--", "wrong", [(b"x", True)]),
        (b"--b\r\n\r\nx\r\n--b--", None, [(b"x", True)]),
        (b"--b\r\n\r\nx\r\n--b--", "y" * 5000, [(b"x", True)]),
        (b"--b\r\n\r\nfirst\r\n--b\r\nA: b\r\n\r\ncut he", "b", [(b"first", True), (b"cut he", False)]),
        (b"--b\r\nA: cut in the head", "b", [(b"", False)]),
        (b"--b\r\n\r\n--b--", "b", [(b"", True)]),
        (b"--b\r\nA: b\r\n--b--", "b", [(b"", True)]),
        (b"--b  \r\n\r\nx\r\n--b--", "b", [(b"x", True)]),
        (b"--b--", "b", []),
    ],
    ids=[
        "LF",
        "wrong boundary",
        "no boundary",
        "endless boundary",
        "cut in content",
        "cut in head",
        "empty part",
        "no empty line",
        "transport padding",
        "no part",
    ],
)
def test_broken_senders(body, boundary, expected):
    parts, _more = multipart.parts(body, boundary)
    assert [(part.content, part.closed) for part in parts] == expected


@pytest.mark.parametrize("body", [b"no delimiter at all", b"-- \r\n", b"x --b\r\n"])
def test_no_delimiter(body):
    assert multipart.parts(body, "b") is None
    assert isinstance(describe(body, "multipart/form-data; boundary=b")[0], Text)


def test_table_of_parts():
    (table,) = describe(FORM, "multipart/form-data; boundary=b0")
    assert table == Table(
        ("part", "name", "file", "type", "size", "other fields", "value"),
        (
            ("1", "title", "", "", "7", "", "A title"),
            ("2", "photo", "pé.png", "image/png", "32", "X-Own: 1", ""),
        ),
    )


def test_nested_parts_are_listed_one_level_down():
    innermost = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n"
    inner = b"--in\r\n\r\none\r\n--in\r\n" + innermost + b"--in--"
    body = b"--b\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n" + inner + b"\r\n--b--"
    rows = describe(body, "multipart/mixed; boundary=b")[0].rows
    assert [row[0] for row in rows] == ["1", "1.1", "1.2"]


def test_the_number_of_parts_is_bounded():
    table, more = describe(b"--b\r\n\r\nx\r\n" * 5000, "multipart/form-data; boundary=b")
    assert len(table.rows) == multipart.PARTS
    assert isinstance(more, Summary)


def test_nothing_in_a_part_steers_the_terminal():
    disposition = b'form-data; name="\x1b]0;x\x07"; filename="\xe2\x80\xaegnp.exe"'
    body = b"--b\r\nContent-Disposition: " + disposition + b"\r\n\r\n\r\n--b--"
    row = describe(body, "multipart/form-data; boundary=b")[0].rows[0]
    assert row[1:3] == (r"\x1b]0;x\x07", r"\u202egnp.exe")
