"""An exchange's details: heads by number, bodies as what they are, within budgets."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from httptrace.model import Body
from httptrace.outputs.report import bounds
from httptrace.outputs.report.detail import Budget, Details, KeptBody, Pairs, raster

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (7).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(40)


def kept(content: bytes, total: int | None = None) -> KeptBody:
    body = KeptBody(Budget(bounds.OPEN_BODIES))
    body.write(content)
    body.total = len(content) if total is None else total
    return body


def test_a_body_is_kept_up_to_its_bound() -> None:
    room = Budget(bounds.OPEN_BODIES)
    body = KeptBody(room)
    for _ in range(100):
        body.write(b"x" * 5000)
    assert (len(body.content), body.total) == (bounds.BODY, 500_000)
    body.let_go()
    assert room.left == bounds.OPEN_BODIES


def test_a_picture_is_kept_further() -> None:
    body = KeptBody(Budget(bounds.OPEN_BODIES))
    for piece in (PNG, bytes(bounds.BODY), bytes(bounds.BODY), bytes(bounds.PICTURE)):
        body.write(piece)
    assert len(body.content) == bounds.PICTURE


def test_bodies_being_read_share_their_room() -> None:
    room = Budget(1000)
    bodies = [KeptBody(room) for _ in range(3)]
    for body in bodies:
        body.write(b"x" * 400)
    assert [len(body.content) for body in bodies] == [400, 400, 0]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(PNG, "image/png", id="png"),
        pytest.param(b"GIF89a" + bytes(20), "image/gif", id="gif"),
        pytest.param(b"\xff\xd8\xff\xe0", "image/jpeg", id="jpeg"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", id="webp"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", None, id="svg-is-no-picture"),
        pytest.param(b"%PDF-1.7", None, id="pdf"),
        pytest.param(b"\0\0\1\0", None, id="icon"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_pictures_are_told_by_their_first_bytes(content: bytes, media_type: str | None) -> None:
    assert raster(content) == media_type


def test_a_picture_is_data_of_its_own_type() -> None:
    made = Details().body(Body(content_type="text/html"), kept(PNG))
    assert made is not None
    assert made["picture"] == {"type": "image/png", "data": b64encode(PNG).decode(), "width": 7, "height": 5}


def test_a_picture_that_claims_too_many_pixels_is_not_drawn() -> None:
    vast = PNG.replace((7).to_bytes(4, "big"), (60_000).to_bytes(4, "big")).replace(
        (5).to_bytes(4, "big"), (60_000).to_bytes(4, "big")
    )
    made = Details().body(Body(content_type="image/png"), kept(vast))
    assert made is not None
    assert "picture" not in made


def test_a_picture_that_was_cut_is_not_drawn() -> None:
    made = Details().body(Body(content_type="image/png"), kept(PNG, total=len(PNG) + 1))
    assert made is not None
    assert "picture" not in made


def test_words_of_ours_come_in_both_languages() -> None:
    form = Body(content_type="application/x-www-form-urlencoded")
    made = Details().body(form, kept(b"name=%E6%9D%8E&x=1"))
    assert made is not None
    (section,) = made["sections"]
    assert section["columns"] == [("field", "value"), ("字段", "值")]
    assert list(section["rows"][0]) == ["name", "李"]


def test_json_is_indented_once_for_both_languages() -> None:
    made = Details().body(Body(content_type="application/json"), kept(b'{"a":[1]}'))
    assert made is not None
    assert made["sections"] == [{"text": '{\n  "a": [\n    1\n  ]\n}', "language": "json"}]


def test_hundreds_of_large_bodies_find_room() -> None:
    details = Details()
    lengths = []
    for _ in range(400):
        made = details.body(Body(content_type="text/plain"), kept(b"y" * bounds.BODY))
        lengths.append(made["kept"] if made else 0)
    assert lengths[0] == bounds.BODY
    assert min(lengths[:200]) > 256
    assert sum(lengths) <= bounds.BODIES_BYTES
    assert lengths == sorted(lengths, reverse=True)


def test_bytes_as_sent_keep_their_places() -> None:
    made = Details().sent([(11, b"GET / HTTP/1.1\r\n"), (27, b"A: b\r\n\r\n"), (45, b"behind a hole")], 11)
    assert made is not None
    assert [(place, b64decode(data)) for place, data in made["pieces"]] == [
        (0, b"GET / HTTP/1.1\r\nA: b\r\n\r\n"),
        (34, b"behind a hole"),
    ]


def test_bytes_that_are_no_text_are_fewer() -> None:
    head = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
    text = Details().sent([(1, head + b"words " * 20_000)], 1)
    binary = Details().sent([(1, head + bytes(range(256)) * 400)], 1)
    assert text is not None
    assert binary is not None
    assert len(b64decode(text["pieces"][0][1])) == bounds.WIRE
    assert len(b64decode(binary["pieces"][0][1])) == bounds.WIRE_BINARY + len(head) - 4


def test_fields_that_come_again_stand_once() -> None:
    pairs = Pairs()
    assert [pairs("Server", "nginx") for _ in range(3)] == [["Server", "nginx"], 0, 0]
    assert pairs("Server", "other") == ["Server", "other"]
    assert pairs.table == [["Server", "nginx"]]


def test_fields_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PAIRS", 2)
    pairs = Pairs()
    for _ in range(2):
        given = [pairs("Cookie", str(number)) for number in range(5)]
    assert given == [0, 1, ["Cookie", "2"], ["Cookie", "3"], ["Cookie", "4"]]
