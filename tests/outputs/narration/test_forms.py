"""Forms in words: names of fields, files and their sizes; nothing for what is no form, or was not kept."""

from __future__ import annotations

import pytest

from httptrace import lang
from httptrace.model import Body, Request
from httptrace.outputs.narration.forms import form_rows, form_said, is_form, items

URLENCODED = "application/x-www-form-urlencoded"
PARTS = (
    b"--b\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nAda\r\n"
    b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.py\"\r\nContent-Type: text/x-python\r\n\r\n"
    b"print()\r\n--b--\r\n"
)  # fmt: skip


def request(content: bytes | None, content_type: str | None) -> Request:
    body = Body(size=len(content or b""), content_type=content_type, framing="length", content=content)
    return Request("HTTP/1.1", [], [], 0, body, 1, 1, 0, 0, True, "POST", "/", None)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("content", "content_type", "said"),
    [
        pytest.param(b"name=homeway&key=nokey", URLENCODED, "It fills in 2 fields: name, key.", id="urlencoded"),
        pytest.param(b"a=1", URLENCODED + "; charset=utf-8", "It fills in 1 field: a.", id="one-field"),
        pytest.param(
            PARTS,
            "multipart/form-data; boundary=b",
            "It fills in 1 field: who. It brings 1 file: a.py (7 bytes).",
            id="multipart",
        ),
        pytest.param(
            PARTS[:150],
            "multipart/form-data; boundary=b",
            "It fills in 1 field: who. It brings 1 file: a.py (more than 0 bytes).",
            id="a-file-that-was-cut",
        ),
        pytest.param(b"{}", "application/json", "", id="no-form"),
        pytest.param(None, URLENCODED, "", id="not-kept"),
        pytest.param(b"", URLENCODED, "", id="empty"),
        pytest.param(b"x" * 20, "multipart/form-data", "", id="no-boundary"),
        pytest.param(b"&".join(b"f%d=1" % n for n in range(9)), URLENCODED,
                     "It fills in 9 fields: f0, f1, f2, f3, f4, f5 ….", id="some-are-named"),
        pytest.param(b"&".join(b"f%d=1" % n for n in range(900)), URLENCODED,
                     "It fills in more than 40 fields: f0, f1, f2, f3, f4, f5 ….", id="a-bound"),
        pytest.param(b"a%1b[31m=1", URLENCODED, "It fills in 1 field: a\\x1b[31m.", id="hostile-names"),
    ],
)  # fmt: skip
def test_a_sentence(content: bytes | None, content_type: str, said: str) -> None:
    assert plain(form_said(request(content, content_type))) == said


def test_the_rows_have_the_values() -> None:
    assert form_rows(request(b"name=home+way&key=%E4%B8%AD", URLENCODED)) == ["name = home way", "key = 中"]
    rows = form_rows(request(PARTS, "multipart/form-data; boundary=b"))
    assert [plain(row) for row in rows] == ["who = Ada", "file: the file a.py (7 bytes), text/x-python"]


def test_chinese() -> None:
    with lang.speaking("zh"):
        assert form_said(request(b"name=1&key=2", URLENCODED)) == "填写了 2 个字段：name，key。"


def test_long_values_are_cut_and_many_fields_are_not_listed() -> None:
    rows = form_rows(request(b"&".join([b"a=" + b"x" * 5000] * 60), URLENCODED))
    assert len(rows) == 41
    assert rows[-1] == "…"
    assert max(map(len, rows)) < 150


@pytest.mark.parametrize(("kind", "form"), [(URLENCODED, True), ("multipart/form-data", True), ("text/html", False)])
def test_what_is_a_form(kind: str, form: bool) -> None:
    assert is_form(request(b"", kind)) is form


@pytest.mark.parametrize("content", [b"&&&=", b"=", b"%", b"a=%zz", b"\xff\xfe=\x00"])
def test_odd_forms_are_borne(content: bytes) -> None:
    assert isinstance(items(request(content, URLENCODED)), list)
