"""Filters: each option chooses what it says, numbers stay, several values are any of, several options are all of."""

from __future__ import annotations

import pytest

from httptrace.errors import UsageError
from tests.build import conversation, get, head, ok, post, together

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND  # 2023-11-14T22:13:20Z


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """Nine exchanges on four connections that begin a second apart; the last is never answered."""
    image = ok(b"GIF89a", content_type="image/gif")
    page = ok(b"<html>", content_type="text/html; charset=utf-8")
    api = ok(b"{}", "404 Not Found", content_type="application/problem+json")
    moved = ok(b"", "302 Found", location="/b")
    form = post("/form", b"a=1", content_type="application/x-www-form-urlencoded")
    one = conversation(
        get("/index.html", host="www.Example.com"),
        page,
        get("/a.gif", host="img.example.com"),
        image,
        get("/api/v1?q=a*b", host="api.example.org"),
        api,
        start_ns=START,
    )
    two = conversation(
        form,
        moved,
        get("/b"),
        ok(b"x" * 5000, content_type="text/plain"),
        client=("192.0.2.7", 41000),
        server=("198.51.100.2", 8080),
        start_ns=START + SECOND,
    )
    three = conversation(
        get("/c", "HEAD"),
        ok(b"", "503 Service Unavailable"),
        get("/d", "PUT"),
        head("500 Internal Server Error", content_length=99) + b"cut",
        client=("2001:db8::1", 42000),
        server=("2001:db8::2", 80),
        start_ns=START + 2 * SECOND,
    )
    four = conversation(
        get("/slow"),
        ok(b""),
        get("/never", host="www.example.com"),
        client=("192.0.2.9", 43000),
        rtt_ns=900_000_000,
        start_ns=START + 3 * SECOND,
        closing="none",
    )
    path = tmp_path_factory.mktemp("filters") / "nine.pcap"
    return together(one, two, three, four).save(path)


def numbers(httptrace, capture, *options, status=0):
    result = httptrace("list", capture, "--format", "jsonl", *options)
    assert result.status == status
    return [record["no"] for record in result.records]


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        pytest.param(["--host", "www.example.com"], [1, 9], id="host-in-any-case"),
        pytest.param(["--host", "*.example.com"], [1, 2, 9], id="host-subdomains"),
        pytest.param(["--host", "example.com"], [], id="host-is-whole"),
        pytest.param(["--method", "post", "--method", "PUT"], [4, 7], id="methods-any-of"),
        pytest.param(["--status", "404"], [3], id="status-code"),
        pytest.param(["--status", "5xx"], [6, 7], id="status-class"),
        pytest.param(["--status", "300-404"], [3, 4], id="status-range"),
        pytest.param(["--status", "404,none"], [3, 9], id="status-list-and-none"),
        pytest.param(["--url", "*/a.gif"], [2], id="url-glob"),
        pytest.param(["--url", "/api/"], [3], id="url-part"),
        pytest.param(["--url", "http://?mg.*"], [2], id="url-question-mark"),
        pytest.param(["--url", "a?i/"], [3], id="url-question-mark-in-a-part"),
        pytest.param(["--url", "http://[2001*"], [], id="url-bracket-is-no-wildcard"),
        pytest.param(["--type", "image/*"], [2], id="type-glob"),
        pytest.param(["--type", "image"], [2], id="type-first-half"),
        pytest.param(["--type", "html"], [1], id="type-second-half"),
        pytest.param(["--type", "json"], [3], id="type-structured-suffix"),
        pytest.param(["--type", "text/"], [1, 5], id="type-prefix"),
        pytest.param(["--type", "text/plain"], [5], id="type-whole"),
        pytest.param(["--type", "application/x-www-form-urlencoded"], [4], id="type-of-the-request"),
        pytest.param(["--slower", "300ms"], [8], id="slower"),
        pytest.param(["--note", "truncated"], [7], id="note"),
        pytest.param(["--ip", "192.0.2.7"], [4, 5], id="ip-of-the-client"),
        pytest.param(["--ip", "198.51.100.0/24", "--ip", "2001:db8::/32"], list(range(1, 10)), id="ip-networks"),
        pytest.param(["--ip", "[2001:db8:0::2]"], [6, 7], id="ip-in-other-spelling"),
        pytest.param(["--port", "8080"], [4, 5], id="port-of-the-server"),
        pytest.param(["--port", "42000", "--port", "40000"], [1, 2, 3, 6, 7], id="port-of-the-client"),
        pytest.param(["--stream", "1"], [4, 5], id="stream"),
        pytest.param(["--since", "1", "--until", "+2s"], [4, 5], id="relative-times"),
        pytest.param(["--until", "900ms"], [1, 2, 3], id="relative-milliseconds"),
        pytest.param(["--since", "2023-11-14T22:13:22"], [6, 7, 8, 9], id="absolute-is-utc"),
        pytest.param(["--since", "2023-11-15T06:13:23+08:00"], [8, 9], id="absolute-with-a-zone"),
        pytest.param(["--method", "GET", "--status", "2xx", "--stream", "0"], [1, 2], id="options-all-of"),
        pytest.param(["--limit", "2"], [1, 2], id="limit"),
        pytest.param(["--status", "4xx", "--status", "5xx", "--limit", "2"], [3, 6], id="limit-of-what-matches"),
        pytest.param(["--sort", "duration", "--limit", "1"], [8], id="slowest"),
        pytest.param(["--sort", "size", "--limit", "1"], [5], id="largest"),
        pytest.param(["--sort", "status:desc", "--limit", "3"], [6, 7, 3], id="sort-turned"),
        pytest.param(["--sort", "upload", "--limit", "2"], [4, 1], id="equals-keep-their-order"),
        pytest.param(["--sort", "no:desc"], [9, 8, 7, 6, 5, 4, 3, 2, 1], id="sort-without-a-limit"),
        pytest.param(["--sort", "host", "--limit", "2"], [4, 5], id="sort-by-text"),
    ],
)
def test_chosen(httptrace, capture, options, chosen):
    assert numbers(httptrace, capture, *options) == chosen
    assert [
        int(row.split(",")[0]) for row in httptrace("list", capture, "--format", "csv", *options).lines[1:]
    ] == chosen
    table = httptrace("list", capture, *options, columns=200).lines
    assert [int(line.split()[0]) for line in table[1:-1]] == chosen


@pytest.mark.parametrize(
    "options",
    [
        ["--status", "9000"],
        ["--status", "abc"],
        ["--slower", "soon"],
        ["--slower", "5 parsecs"],
        ["--note", "no-such-note"],
        ["--ip", "localhost"],
        ["--port", "70000"],
        ["--port", "-1"],
        ["--stream", "first"],
        ["--since", "yesterday"],
        ["--until", "2023-13-01"],
        ["--limit", "0"],
        ["--limit", "many"],
        ["--sort", "colour"],
        ["--sort", "size:up"],
    ],
    ids=" ".join,
)
def test_bad_values_are_one_line_and_exit_2(httptrace, capture, options):
    result = httptrace("list", capture, f"{options[0]}={options[1]}")
    assert (result.status, result.stdout) == (2, b"")
    assert result.err.count("\n") == 1
    assert options[1] in result.err


def test_the_table_says_how_many_of_how_many(httptrace, capture):
    assert httptrace("list", capture, "--status", "5xx", columns=200).lines[-1].startswith("2 of the 9 exchanges read")
    assert httptrace("list", capture, "--status", "418").lines == ["none of 9 exchanges is what was asked for"]


def test_without_options_the_filter_is_false():
    import argparse

    from httptrace.cli.filters import add_filters
    from httptrace.selection import Filter

    parser = argparse.ArgumentParser()
    add_filters(parser)
    assert not Filter.of(vars(parser.parse_args([])))
    assert Filter.of(vars(parser.parse_args(["--since", "0"])))


def test_a_glob_with_many_stars_is_not_slow():
    from httptrace.selection import _glob

    assert not _glob("*a" * 30)("a" * 29 + "b" * 100_000)


def test_unknown_spans_raise():
    from httptrace.selection import Filter

    with pytest.raises(UsageError):
        Filter.of({"slower": "-5s"})
