"""`show`: one exchange whole, its parts told as what they are, and what it says where there is nothing to show."""

from __future__ import annotations

import pytest

from tests.build import chunked, conversation, get, head, lost, post
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("name", EVERY)
def test_every_exchange_of_every_capture(httptrace, name):
    for record in httptrace("list", name, "--format", "jsonl").records:
        result = httptrace("show", name, record["no"])
        assert (result.status, result.err) == (0, "")
        request, response = record["request"], record["response"]
        assert result.text.startswith(f"exchange {record['no']} · stream {record['stream']} · ")
        assert f"{request['method']} {request['target']} {request['version']}" in result.text
        assert f"{response['version']} {response['status']} {response['reason']}" in result.text
        assert f"\n{response['status'] // 100}xx " in result.text.replace(" · ", "\n")
        for name_, value in [*request["headers"], *response["headers"]]:
            assert f"  {name_}" in result.text
            assert len(value) > 40 or value in result.text
        for message in (request, response):
            first, last = message["first_packet"], message["last_packet"]
            assert (f"· No{first} ·" if first == last else f"· No{first}–No{last} ·") in result.text
            if message["body"]["size"]:
                assert f"{message['body']['size']:,} byte" in result.text
        for note in record["notes"]:
            assert f"! {note['code']} · No{note['packet']} · {note['text']}"[:60] in result.text


def test_the_only_exchange_needs_no_number(httptrace):
    assert httptrace("show", "form-post.pcap") == httptrace("show", "form-post.pcap", 1)
    assert httptrace("show", "refused.pcap").err == "httptrace: there is no exchange 1: the capture has none\n"


def test_golden(httptrace):
    assert httptrace("show", "form-post.pcap", 1).lines == GOLDEN.splitlines()


GOLDEN = """\
exchange 1 · stream 0 · 192.0.2.33:51040 → 198.51.100.118:80
http://homeway.me/post.php

── Request · No4 · 0.008 s ─────────────────────────────────────────────────────
POST /post.php HTTP/1.1
  Host             homeway.me                         which site
  Connection       keep-alive                         for this hop only
  Content-Length   22                                 size of the body
  Cache-Control    no-cache                           how to cache it
  Origin           http://homeway.me                  site of the script or form
  User-Agent       Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36
                   (KHTML, like Gecko) Chrome/51.0.2704.106 Safari/537.36
                                                      which program asks
  Content-Type     application/x-www-form-urlencoded  what the body is
  Accept           text/html,application/xhtml+xml,application/xml;q=0.9,image/w
                   ebp,*/*;q=0.8                      types it takes
  Referer          http://homeway.me/form.html        the page it came from
  Accept-Encoding  gzip, deflate                      codings it can unpack
  Accept-Language  zh-CN,zh;q=0.8,en;q=0.6,zh-TW;q=0.4,gl;q=0.2,de;q=0.2
                                                      languages it prefers

body of 22 bytes, as Content-Length says

field  value
name   homeway
key    nokey

── Response · No6 · 0.038 s ────────────────────────────────────────────────────
HTTP/1.1 200 OK · 2xx success: received, understood, accepted
  Server          nginx                          which server program
  Date            Tue, 28 Jun 2016 02:15:07 GMT  when it was sent
  Content-Type    text/html; charset=utf-8       what the body is
  Content-Length  148                            size of the body
  Connection      keep-alive                     for this hop only

body of 148 bytes, as Content-Length says

<!DOCTYPE html>
<html>
  <head>
    <title>Thank you, homeway</title>
  </head>
  <body>
    <h1>Thank you, homeway</h1>
    <p>Your key is: nokey.</p>
  </body>
</html>

connect 8.0 ms ████▍▏send 0 ms▏wait 30.1 ms ████████████████▋▏receive 0 ms
"""


@pytest.mark.parametrize(
    ("capture", "number", "said"),
    [
        pytest.param("first-page.pcap", 2, "body of 624 bytes, as Content-Length says", id="content-length"),
        pytest.param("chunked-gzip.pcap", 1, "body of 4,798 bytes in 4 chunks; an empty chunk ends it", id="chunks"),
        pytest.param("chunked-gzip.pcap", 1, "gzip, unpacked 8.1 kB", id="coding"),
        pytest.param("chunked-gzip.pcap", 1, "trailer fields, sent behind the body:\n  X-Lines  75", id="trailers"),
        pytest.param("head-and-304.pcap", 1, "no body: an answer to HEAD has only a head", id="head"),
        pytest.param("head-and-304.pcap", 3, "no body: a 304 never has one", id="304"),
        pytest.param("json-api.pcap", 3, "no body: a 204 never has one", id="204"),
        pytest.param("continue-100.pcap", 1, "HTTP/1.1 100 Continue · 1xx informational", id="1xx"),
        pytest.param("continue-100.pcap", 1, "no body: Content-Length is 0", id="length-0"),
        pytest.param("reset.pcap", 1, "2,801 bytes of a body whose Content-Length says 5,200 · not complete", id="cut"),
        pytest.param("lost-segment.pcap", 1, "! content-gap · No", id="note"),
        pytest.param("multipart-upload.pcap", 1, "3     file  index.py  text/x-python  1,618", id="multipart"),
        pytest.param("form-post.pcap", 1, "key    nokey", id="form"),
        pytest.param("first-page.pcap", 2, "format   JPEG, 128 × 96", id="picture"),
        pytest.param("status-503.pcap", 1, "Retry-After", id="retry-after"),
        pytest.param("status-401.pcap", 1, "4xx client error", id="4xx"),
        pytest.param("redirect.pcap", 1, "3xx redirection", id="3xx"),
        pytest.param("status-500.pcap", 1, "5xx server error", id="5xx"),
    ],
)
def test_said(httptrace, capture, number, said):
    assert said in httptrace("show", capture, number).text


def test_until_the_server_closed(httptrace, tmp_path):
    capture = conversation(get("/"), head() + b"to the end").save(tmp_path / "close.pcap")
    assert "body of 10 bytes, until the server closed the connection" in httptrace("show", capture, 1).text


def test_missing_sides_are_said(httptrace, tmp_path):
    asked = conversation(get("/"), closing="none").save(tmp_path / "asked.pcap")
    assert "── Response ─" in httptrace("show", asked, 1).text
    assert "not in the capture" in httptrace("show", asked, 1).text


def test_the_gloss_stands_beside_the_field(httptrace):
    (line,) = [line for line in httptrace("show", "first-page.pcap", 2).lines if "Accept-Encoding" in line]
    assert line.split(maxsplit=1) == ["Accept-Encoding", line.split(maxsplit=1)[1]]
    assert line.endswith("codings it can unpack")


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["first-page.pcap", "multipart-upload.pcap", "status-401.pcap"])
def test_heads_and_headings_fit_the_width(httptrace, name, columns):
    from httptrace.outputs.wrap import cell_width

    result = httptrace("show", name, 1, "--headers", columns=columns)
    assert max(map(cell_width, result.lines)) <= columns


def test_headers_only(httptrace):
    text = httptrace("show", "form-post.pcap", 1, "--headers").text
    assert "Content-Length" in text
    assert "nokey" not in text
    assert "connect" not in text


@pytest.mark.parametrize(
    ("option", "there", "away"), [("--request", "POST", "200 OK"), ("--response", "200 OK", "POST")]
)
def test_one_side_only(httptrace, option, there, away):
    text = httptrace("show", "form-post.pcap", 1, option).text
    assert there in text
    assert away not in text


def test_in_chinese_the_gloss_is_too(httptrace):
    result = httptrace("show", "first-page.pcap", 1, "--lang", "zh")
    assert result.status == 0
    assert "能解的压缩方式" in result.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("first-page.pcap", 3), "there is no exchange 3: the capture has 1 to 2", id="too-high"),
        pytest.param(("first-page.pcap", 0), "there is no exchange 0", id="zero"),
        pytest.param(("refused.pcap", 1), "there is no exchange 1: the capture has none", id="none"),
        pytest.param(("first-page.pcap",), "which exchange? httptrace list", id="no-number"),
        pytest.param(
            ("first-page.pcap", 2, "--status", "4xx"), "2 says which exchange already", id="number-and-filter"
        ),
        pytest.param(("first-page.pcap", 2, "--limit", 1), "2 says which exchange already", id="number-and-limit"),
        pytest.param(("first-page.pcap", "two"), "two is neither a file nor the number of an exchange", id="no-file"),
        pytest.param(
            ("first-page.pcap", "--status", "404"), "none of the 2 exchanges is what was asked", id="no-match"
        ),
        pytest.param(("-", "--status", "404"), "standard input cannot be read twice", id="standard-input"),
        pytest.param(("first-page.pcap", 1, "--body", "--raw"), "not allowed with", id="body-and-raw"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(httptrace, arguments, said):
    result = httptrace("show", *arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert said in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "first_lines"),
    [
        pytest.param(["--type", "jpeg"], ["exchange 2"], id="the-first-match"),
        pytest.param(["--host", "192.0.2.80", "--limit", "2"], ["exchange 1", "exchange 2"], id="the-first-two"),
        pytest.param(
            ["--sort", "size:asc", "--limit", "2", "--method", "GET"], ["exchange 4", "exchange 5"], id="sorted"
        ),
    ],
)
def test_filters_in_place_of_a_number(httptrace, options, first_lines):
    shown = [line for line in httptrace("show", "real-nginx-curl.pcap", *options).lines if line.startswith("exchange")]
    assert [line.partition(" ·")[0] for line in shown] == first_lines


# ---------------------------------------------------------------------- colour, hostile bytes


def test_colour_on_a_terminal(httptrace):
    httptrace.as_terminal()
    text = httptrace("show", "status-404.pcap", 1).text
    assert "\x1b[33mHTTP/1.1 404 Not Found\x1b[0m" in text
    assert "\x1b[2m" in text


HOSTILE = "\x1b]0;owned\x07\x9b31m\x7f"


@pytest.fixture
def hostile(tmp_path):
    """Escape sequences wherever a peer can put them."""
    fields = {f"X-{HOSTILE}": HOSTILE, "Content-Type": f"text/html{HOSTILE}", "Host": f"h{HOSTILE}"}
    request = post(f"/{HOSTILE}", HOSTILE, **{name: value for name, value in fields.items() if name != "Host"})
    answer = head(
        f"404 {HOSTILE}", **{**fields, "Transfer-Encoding": "chunked", "Content-Encoding": f"x{HOSTILE}"}
    ) + chunked(HOSTILE, trailers=f"X-T: {HOSTILE}\r\n")
    return conversation(request, answer, get("/"), [head(Content_Length=30), lost("x" * 10), HOSTILE]).save(
        tmp_path / "hostile.pcap"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "--format", "csv"),
        ("list", "--lang", "zh"),
        ("streams",),
        ("packets",),
        ("show", "1"),
        ("show", "2"),
        ("show", "1", "--headers"),
        ("follow", "0"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_nothing_hostile_reaches_the_output_raw(httptrace, hostile, monkeypatch, arguments, terminal):
    import re

    if terminal:
        httptrace.as_terminal()
    result = httptrace(arguments[0], hostile, *arguments[1:], columns=None if terminal else 200)
    assert result.status == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.text) if terminal else result.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    if arguments[0] in ("show", "follow") and "2" not in arguments:
        assert r"\x1b" in text or "1b 5d 30" in text


def test_chinese_in_a_url_and_a_head_is_read(httptrace, tmp_path):
    raw = "GET /%E4%BD%A0?q=好 HTTP/1.1\r\nHost: a.test\r\nX-Name: 李雷\r\n\r\n".encode()
    answer = "HTTP/1.1 404 没有\r\nContent-Length: 0\r\n\r\n".encode()
    path = conversation(raw, answer).save(tmp_path / "chinese.pcap")
    text = httptrace("show", path, 1).text
    assert "GET /%E4%BD%A0?q=好 HTTP/1.1" in text
    assert "that is: http://a.test/你?q=好" in text
    assert "X-Name  李雷" in text
    assert "HTTP/1.1 404 没有" in text
    assert "GET a.test/%E4%BD%A0?q=好 404 没有" in " ".join(httptrace("list", path).text.split())
    assert "GET /%E4%BD%A0?q=好 HTTP/1.1" in httptrace("walk", path).text
    for part in ("/你?q=好", "%E4%BD%A0?q=好", "q=%E5%A5%BD", "q=好"):
        assert len(httptrace("list", path, "--url", part, "--format", "jsonl").records) == (part != "q=%E5%A5%BD")
