"""Cookies, copies and proofs in words: what a message leaves behind for the next one."""

from __future__ import annotations

import pytest

from httptrace.model import Body, Field, Request, Response
from httptrace.outputs.narration.why.fields import request_rows, response_rows
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles


def request(*fields: Field, method: str = "GET") -> Request:
    return Request("HTTP/1.1", list(fields), [], 0, Body(), 1, 1, 0, 0, True, method, "/", None)


def response(*fields: Field, status: int = 200) -> Response:
    return Response("HTTP/1.1", list(fields), [], 0, Body(), 2, 2, 0, 0, True, status, "")


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        pytest.param(
            [("Cookie", "a=1; b=2")], ["brings back 2 cookies that the site gave it earlier: a, b"], id="cookies"
        ),
        pytest.param([("Cookie", "a=1"), ("Cookie", "b=2")], ["2 cookies"], id="two-lines"),
        pytest.param([("Cookie", "; ;=x;")], [], id="no-names"),
        pytest.param(
            [("Cookie", ";".join(f"c{n}=1" for n in range(9)))], ["9 cookies", "c0, c1, c2, c3, c4, c5 …"], id="many"
        ),
        pytest.param([("Authorization", "Basic eDp5")], ["base64, which everyone on the way can read"], id="basic"),
        pytest.param(
            [("Authorization", "Bearer x")], ["Authorization: Bearer: the client proves who it is"], id="bearer"
        ),
        pytest.param([("Cookie", "a\x1b[31m=1")], ["a\\x1b[31m"], id="hostile"),
        pytest.param([("Host", "a.example")], [], id="nothing"),
    ],
)
def test_requests(fields: list[Field], texts: list[str]) -> None:
    rows = request_rows(request(*fields), Roles(False), Once().first)
    said = " ".join(row.text for row in rows)
    assert all(text in said for text in texts)
    assert bool(rows) is bool(texts)


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        pytest.param(
            [("Set-Cookie", "sid=1; Path=/; HttpOnly")], ["is given 1 cookie", "later requests: sid ("], id="one"
        ),
        pytest.param([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], ["2 cookies", "a, b"], id="two"),
        pytest.param(
            [("Cache-Control", "public, max-age=2592000")], ["for 2,592,000 seconds the client"], id="max-age"
        ),
        pytest.param([("Cache-Control", 'max-age="1"')], ["for 1 second the client"], id="quoted"),
        pytest.param([("Cache-Control", "max-age=0")], ["max-age=0: the copy is stale at once"], id="stale-at-once"),
        pytest.param([("Cache-Control", "max-age=9, NO-STORE")], ["no-store: nobody may keep a copy"], id="strictest"),
        pytest.param([("Cache-Control", "no-cache")], ["no-cache: a copy may be kept, but the server"], id="no-cache"),
        pytest.param([("Cache-Control", "s-maxage=9, x-max-age=9, max-age=-1, max-age=" + "9" * 99)], [], id="no-age"),
        pytest.param(
            [("ETag", '"1"'), ("Last-Modified", "x")], ["ETag names this version: with If-None-Match"], id="etag"
        ),
        pytest.param([("Last-Modified", "x")], ["Last-Modified dates it"], id="last-modified"),
        pytest.param([("Server", "x")], [], id="nothing"),
    ],
)
def test_responses(fields: list[Field], texts: list[str]) -> None:
    rows = response_rows(request(), response(*fields), Roles(False), Once().first)
    said = " ".join(row.text for row in rows)
    assert all(text in said for text in texts)
    assert len(rows) == bool(texts)


def test_one_label_for_the_copy_and_its_mark() -> None:
    rows = response_rows(request(), response(("Cache-Control", "max-age=9"), ("ETag", "x")), Roles(True), Once().first)
    assert [row.label for row in rows] == ["cache", ""]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(request(method="POST"), response(("ETag", "x")), id="not-fetched"),
        pytest.param(request(), response(("ETag", "x"), status=404), id="not-found"),
        pytest.param(None, response(("ETag", "x")), id="request-not-captured"),
    ],
)
def test_a_mark_counts_for_what_was_fetched(asked: Request | None, answer: Response) -> None:
    assert response_rows(asked, answer, Roles(True), Once().first) == []


def test_the_same_is_said_once_and_other_cookies_again() -> None:
    once = Once()
    first = response(("Set-Cookie", "a=1"), ("Cache-Control", "no-store"))
    assert len(response_rows(request(), first, Roles(True), once.first)) == 2
    assert response_rows(request(), first, Roles(True), once.first) == []
    assert len(response_rows(request(), response(("Set-Cookie", "b=1")), Roles(True), once.first)) == 1
    once.forget()
    assert len(response_rows(request(), first, Roles(True), once.first)) == 2
