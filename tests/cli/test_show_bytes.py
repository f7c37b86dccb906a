"""`show --body` and `--raw`: the very bytes, of any size, and never raw to a terminal."""

from __future__ import annotations

import gzip
from hashlib import sha256

import pytest

from httptrace import limits
from tests.build import chunked, conversation, get, head, lost, ok, post
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("name", EVERY)
def test_bodies_have_the_hash_that_jsonl_says(httptrace, name):
    for record in httptrace("list", name, "--format", "jsonl").records:
        for side in ("request", "response"):
            body = record[side]["body"]
            content = httptrace("show", name, record["no"], "--body", f"--{side}").stdout
            assert len(content) == body["decoded_size"]
            assert body["sha256"] == (sha256(content).hexdigest() if content else None)


@pytest.mark.parametrize("name", EVERY)
def test_raw_is_head_and_body_as_sent(httptrace, name):
    for record in httptrace("list", name, "--format", "jsonl").records:
        for side in ("request", "response"):
            message = record[side]
            octets = httptrace("show", name, record["no"], "--raw", f"--{side}").stdout
            top, _, rest = octets.partition(b"\r\n\r\n")
            assert len(top) + 4 == message["header_size"]
            first, *fields = top.decode("latin-1").split("\r\n")
            assert message["version"] in first
            assert [line.partition(":")[0] for line in fields] == [name_ for name_, _ in message["headers"]]
            if not any(name_ == "Transfer-Encoding" for name_, _ in message["headers"]):
                assert len(rest) == message["body"]["size"]


def test_raw_keeps_chunks_and_coding(httptrace, tmp_path):
    packed = gzip.compress(b"packed", mtime=0)
    response = head(transfer_encoding="chunked", content_encoding="gzip") + chunked(packed[:5], packed[5:])
    capture = conversation(get("/1"), ok(b"before"), get("/2"), response, get("/3"), ok(b"behind"))
    path = capture.save(tmp_path / "raw.pcap")
    assert httptrace("show", path, 2, "--raw").stdout == response
    assert httptrace("show", path, 2, "--raw", "--request").stdout == get("/2")
    assert httptrace("show", path, 2, "--body").stdout == b"packed"


def test_pipelined_messages_in_one_segment_are_told_apart(httptrace, tmp_path):
    asked = [get("/1"), post("/2", b"two"), get("/3")]
    answers = [ok(b"1"), ok(b"22"), ok(b"333")]
    path = conversation([b"".join(asked)], [b"".join(answers)]).save(tmp_path / "pipelined.pcap")
    for number in (1, 2, 3):
        assert httptrace("show", path, number, "--raw").stdout == answers[number - 1]
        assert httptrace("show", path, number, "--raw", "--request").stdout == asked[number - 1]


@pytest.mark.parametrize("answered", [True, False], ids=["response", "no-response"])
def test_without_a_side_it_is_the_response_else_the_request(httptrace, tmp_path, answered):
    turns = [post("/", b"asked"), ok(b"answered")][: 2 if answered else 1]
    path = conversation(*turns, closing="none").save(tmp_path / "side.pcap")
    result = httptrace("show", path, 1, "--body")
    assert result.stdout == (b"answered" if answered else b"asked")
    assert httptrace("show", path, 1, "--raw").stdout == turns[-1]


def test_a_side_that_is_missing(httptrace, tmp_path):
    path = conversation(post("/", b"asked"), closing="none").save(tmp_path / "side.pcap")
    for option in ("--body", "--raw"):
        result = httptrace("show", path, 1, option, "--response")
        assert (result.status, result.stdout) == (2, b"")
        assert "the response of exchange 1 is not in the capture" in result.err


def test_a_body_beyond_every_bound_is_whole(httptrace, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "KEPT_BODY", 1000)
    content = bytes(range(256)) * 400
    path = conversation(post("/", content), ok(gzip.compress(content, mtime=0), content_encoding="gzip")).save(
        tmp_path / "large.pcap"
    )
    assert httptrace("show", path, 1, "--body").stdout == content
    assert httptrace("show", path, 1, "--body", "--request").stdout == content
    page = httptrace("show", path, 1).text
    assert "102,400 bytes" in page


def test_missing_bytes_are_said_and_not_filled(httptrace, tmp_path):
    turns = [get("/"), [head(content_length=30), b"x" * 10, lost("y" * 10), b"z" * 10]]
    path = conversation(*turns).save(tmp_path / "gap.pcap")
    result = httptrace("show", path, 1, "--body")
    assert (result.status, result.stdout) == (0, b"x" * 10 + b"z" * 10)
    assert "content-gap" in result.err
    raw = httptrace("show", path, 1, "--raw")
    assert raw.stdout == head(content_length=30) + b"x" * 10 + b"z" * 10
    assert "10 bytes were never captured at byte 49 of the message" in raw.err


def test_standard_input_cannot_be_read_twice(httptrace):
    result = httptrace("show", "-", 1, "--raw")
    assert result.status == 2
    assert "--raw reads the capture twice" in result.err


@pytest.mark.parametrize("option", ["--body", "--raw"])
def test_a_number_that_is_not_there(httptrace, option):
    result = httptrace("show", "first-page.pcap", 9, option)
    assert (result.status, result.stdout) == (2, b"")
    assert "the capture has 1 to 2" in result.err


class TestTerminal:
    def test_text_is_shown_harmless(self, httptrace, tmp_path):
        path = conversation(get("/"), ok(b"red \x1b[31m ink\n", content_type="text/plain")).save(tmp_path / "t.pcap")
        httptrace.as_terminal()
        assert httptrace("show", path, 1, "--body").text == "red \\x1b[31m ink\n"

    @pytest.mark.parametrize(("option", "size"), [("--body", 624), ("--raw", 906)])
    def test_binary_is_refused(self, httptrace, option, size):
        httptrace.as_terminal()
        result = httptrace("show", "first-page.pcap", 2, option)
        assert (result.status, result.stdout) == (2, b"")
        assert f"{size} bytes that a terminal cannot show" in result.err


def test_the_number_may_stand_behind_an_option(httptrace):
    assert httptrace("show", "first-page.pcap", "--body", 2) == httptrace("show", "first-page.pcap", 2, "--body")
