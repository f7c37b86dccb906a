"""`--follow`, and pipes: what ends is printed while the next packet is waited for; a signal ends it in good order."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from httptrace.capture.waiting import Waiting
from httptrace.cli.following import Follow, ended_by_signals
from tests.build import conversation, get, ok, together
from tests.cli.command import CAPTURES, ROOT
from tests.cli.test_list import EVERY

#: Long enough for any machine; a test that has to wait so long fails.
PATIENCE = 30

MS = 1_000_000
BEGIN = 1_700_000_000_000_000_000


@pytest.fixture
def till_the_end_of_files(monkeypatch):
    """--follow ends where it would begin to wait."""

    monkeypatch.setattr(Waiting, "look_again", Waiting.stop)


class Running:
    """A command that goes on; its output is read as it comes."""

    def __init__(self, *arguments, stdin=None, stdout=subprocess.PIPE, environment=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "httptrace", *map(str, arguments)],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "LANG": "C.UTF-8", **(environment or {})},
        )
        self._held = b""

    def line(self):
        """The next line of stdout; fails where none comes."""
        while b"\n" not in self._held:
            assert select.select([self.process.stdout], [], [], PATIENCE)[0], "no line came"
            piece = os.read(self.process.stdout.fileno(), 65_536)
            assert piece, f"stdout ended: {self.process.stderr.read().decode()}"
            self._held += piece
        line, _, self._held = self._held.partition(b"\n")
        return line.decode()

    def end(self, number=None):
        """Wait for its end, after a signal if one is given: exit status, the rest of stdout, stderr."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, (self._held + (out or b"")).decode(), err.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


def pieces(capture):
    """The bytes of a capture: the file's header, then each record."""
    data = capture.pcap()
    cut, found = 24, [data[:24]]
    for record in capture.records:
        found.append(data[cut : cut + 16 + len(record.data)])
        cut += len(found[-1])
    assert cut == len(data)
    return found


def number_of(line):
    return json.loads(line)["no"]


# ---------------------------------------------------------------------- the same as without


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("verb", ["list", "streams", "packets"])
def test_the_records_are_those_of_the_file(httptrace, till_the_end_of_files, verb, name):
    plain = httptrace(verb, name, "--format", "jsonl")
    followed = httptrace(verb, name, "--format", "jsonl", "--follow")
    assert (followed.status, followed.err) == (0, "")
    assert sorted(followed.stdout.splitlines()) == sorted(plain.stdout.splitlines())
    assert httptrace(verb, name, "--follow").lines == httptrace(verb, name).lines


def test_the_walkthrough_goes_along(httptrace, till_the_end_of_files):
    result = httptrace("walk", "real-nginx-curl.pcap", "--follow")
    assert result.status == 0
    assert "No1" in result.text
    assert "/ladder.jpg" in result.text
    result = httptrace("walk", "refused.pcap", "--follow")
    assert (result.status, result.text) == (0, "")
    assert "no connection with HTTP came by" in result.err


def test_a_pattern_is_proposed_as_a_shell_takes_it(httptrace, till_the_end_of_files, tmp_path, monkeypatch):
    conversation(get("/"), ok(b"")).save(tmp_path / "a b.pcap")
    monkeypatch.chdir(tmp_path)
    assert httptrace("list", "--follow", "./*.pcap").lines[-1] == "1 exchange · httptrace show ./*.pcap 1"
    assert httptrace("list", "--follow", "./a b.pcap").lines[-1] == "1 exchange · httptrace show './a b.pcap' 1"
    assert httptrace("list", "--follow", "./a ?.pcap").lines[-1] == "1 exchange · httptrace show './a ?.pcap' 1"


def test_csv_filters_and_limit(httptrace, till_the_end_of_files):
    result = httptrace("list", "real-nginx-curl.pcap", "--follow", "--format", "csv", "--status", "404")
    assert [line.split(",")[0] for line in result.lines] == ["no", "5"]
    result = httptrace("list", "real-nginx-curl.pcap", "--follow", "--format", "jsonl", "--limit", "2")
    assert [record["no"] for record in result.records] == [1, 2]


# ---------------------------------------------------------------------- while it goes on


def one_waits_while_another_ends():
    """A request without an answer, and a whole exchange on another connection behind it."""
    slow = conversation(get("/slow"), client=("192.0.2.1", 1000), start_ns=BEGIN, closing="none")
    quick = conversation(get("/quick"), ok(b"x"), client=("192.0.2.1", 2000), start_ns=BEGIN + 100 * MS, closing="none")
    return together(slow, quick)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_records_come_as_they_end_and_the_rest_behind_a_signal(tmp_path, number):
    path = tmp_path / "it.pcap"
    path.touch()
    with Running("list", "--follow", path, "--format", "jsonl") as running, path.open("ab", buffering=0) as file:
        for piece in pieces(one_waits_while_another_ends()):
            file.write(piece[:10])
            file.write(piece[10:])
        assert number_of(running.line()) == 2  # while the first still waits
        file.write(b"\0" * 9)  # a record of which no more comes
        status, rest, err = running.end(number)
    assert (status, err) == (0, "")
    assert [number_of(line) for line in rest.splitlines()] == [1]
    assert json.loads(rest)["response"] is None


def test_the_table_closes_behind_a_signal(tmp_path):
    path = conversation(get("/a"), ok(b"x")).save(tmp_path / "it.pcap")
    with Running("list", "--follow", path) as running:
        lines = [running.line() for _ in range(3)]
        status, rest, _ = running.end(signal.SIGINT)
    assert "GET a.example/a" in lines[2]
    assert rest.startswith("1 exchange · ")
    assert status == 0


def test_it_ends_by_itself_after_so_long(tmp_path):
    path = conversation(get("/a"), ok(b"x")).save(tmp_path / "it.pcap")
    with Running("list", "--follow", path, "--duration", "300ms", "--format", "jsonl") as running:
        status, out, err = running.end()
    assert (status, number_of(out), err) == (0, 1, "")


@pytest.mark.parametrize("arguments", [["list", "-"], ["list", "--follow", "-"]], ids=["list", "list-follow"])
@pytest.mark.parametrize("format", ["table", "jsonl", "csv"])
def test_a_pipe_gives_each_exchange_when_it_ends(arguments, format):
    """As in `tcpdump -U -w - | httptrace list -`: nothing waits for the end of the input."""
    sent = pieces(conversation(get("/one"), ok(b"x"), get("/two"), ok(b"y"), closing="none"))
    with Running(*arguments, "--format", format, stdin=subprocess.PIPE) as running:
        given = iter(sent)
        for target in ("/one", "/two"):
            for piece in given:
                running.process.stdin.write(piece)
                if b"HTTP/1.1 200" in piece:
                    break
            running.process.stdin.flush()
            while target not in running.line():
                pass
        status, rest, err = running.end()
    assert (status, err) == (0, "")
    assert "/one" not in rest


def test_a_pipe_keeps_the_order_of_numbers_unless_followed():
    for follow, expected in (((), [1, 2]), (("--follow",), [2, 1])):
        with Running("list", "-", "--format", "jsonl", *follow, stdin=subprocess.PIPE) as running:
            running.process.stdin.write(one_waits_while_another_ends().pcap())
            status, out, _ = running.end()
        assert status == 0
        assert [number_of(line) for line in out.splitlines()] == expected


@pytest.mark.parametrize("cut", [0, 7], ids=["between-records", "inside-a-record"])
def test_a_signal_ends_a_followed_pipe_in_good_order(cut):
    data = one_waits_while_another_ends().pcap()
    with Running("list", "--follow", "-", "--format", "jsonl", stdin=subprocess.PIPE) as running:
        running.process.stdin.write(data + data[-cut - 20 : -20])
        running.process.stdin.flush()
        assert number_of(running.line()) == 2
        running.process.send_signal(signal.SIGINT)
        assert number_of(running.line()) == 1  # while the pipe is still open
        status, rest, err = running.end()
    assert (status, rest, err) == (0, "", "")


def test_what_the_other_side_of_a_pipe_writes_last_is_read():
    """Ctrl-C reaches tcpdump as well, which writes what it holds and goes."""
    *sent, last = pieces(conversation(get("/a"), ok(b"x"), closing="none"))
    with Running("list", "--follow", "-", "--format", "csv", stdin=subprocess.PIPE) as running:
        running.process.stdin.write(b"".join(sent[:-1]))
        running.process.stdin.flush()
        assert running.line().startswith("no,")
        running.process.send_signal(signal.SIGINT)
        running.process.stdin.write(sent[-1] + last)
        status, rest, err = running.end()
    assert (status, err) == (0, "")
    assert rest.count("200") == 1


@pytest.mark.parametrize("buffered", ["", "1"], ids=["buffered", "PYTHONUNBUFFERED"])
def test_no_line_is_lost_where_a_signal_meets_a_full_pipe(tmp_path, buffered):
    count = 200
    all_of_them = [conversation(get(f"/{at}"), ok(b"x"), client=("192.0.2.1", 1000 + at)) for at in range(count)]
    path = together(*all_of_them).save(tmp_path / "it.pcap")
    environment = {"PYTHONUNBUFFERED": buffered}
    with Running("list", "--follow", path, "--format", "jsonl", environment=environment) as running:
        first = running.line()
        status, rest, err = running.end(signal.SIGINT)
    assert (status, err) == (0, "")
    assert sorted(map(number_of, [first, *rest.splitlines()])) == list(range(1, count + 1))


def test_other_verbs_print_before_they_wait(tmp_path):
    path = tmp_path / "it.pcap"
    path.touch()
    with Running("packets", "--follow", path, "--format", "jsonl") as running, path.open("ab", buffering=0) as file:
        for at, piece in enumerate(pieces(conversation(get("/a"), ok(b"x")))):
            file.write(piece)
            if at:
                assert json.loads(running.line())["packet"] == at
    with Running("walk", "-", stdin=subprocess.PIPE) as running:
        running.process.stdin.write((CAPTURES / "first-page.pcap").read_bytes())
        running.process.stdin.flush()
        while "No1" not in running.line():
            pass


SECOND = 1_000_000_000


def test_connections_are_let_go_by_the_time_of_packets(tmp_path):
    """One that is closed is told after a while for stragglers, one that is silent much later; nothing else waits."""
    closed = conversation(get("/closed"), ok(b"x"), client=("192.0.2.1", 1000), start_ns=BEGIN)
    silent = conversation(get("/silent"), client=("192.0.2.1", 2000), start_ns=BEGIN + SECOND, closing="none")
    soon, later = (
        conversation(get("/"), client=("192.0.2.1", port), start_ns=BEGIN + at * SECOND, closing="none")
        for port, at in ((3000, 30), (4000, 700))
    )
    path = together(closed, silent, soon).save(tmp_path / "it.pcap")
    with (
        Running("streams", "--follow", path, "--format", "jsonl") as streams,
        Running("list", "--follow", path, "--format", "jsonl") as exchanges,
        path.open("ab", buffering=0) as file,
    ):
        assert json.loads(streams.line())["close"] == "fin"
        assert json.loads(exchanges.line())["request"]["target"] == "/closed"
        file.write(later.pcap()[24:])
        assert [json.loads(streams.line())["client"]["port"] for _ in range(2)] == [2000, 3000]
        assert [json.loads(exchanges.line())["no"] for _ in range(2)] == [2, 3]
        assert exchanges.end(signal.SIGINT)[0] == streams.end(signal.SIGINT)[0] == 0


def test_files_said_to_be_replaced_or_damaged_are_said_once(tmp_path):
    path, other = tmp_path / "it.pcap", tmp_path / "other.pcap"
    conversation(get("/a"), ok(b"x")).save(path)
    other.write_bytes(conversation(get("/b"), ok(b"x"), client=("192.0.2.9", 9)).pcap() + b"\xff" * 16)
    with Running("list", "--follow", path, "--format", "jsonl") as running:
        assert number_of(running.line()) == 1
        os.replace(other, path)
        assert number_of(running.line()) == 2
        status, _, err = running.end()
    said = err.splitlines()
    assert status == 1
    assert len(said) == 2
    assert said[0] == f"httptrace: {path}: was replaced by another file; going on with that"
    assert "the record claims" in said[1]


# ---------------------------------------------------------------------- arguments and signals


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["list", "--follow", "--sort", "time"], "--sort needs all exchanges", id="sort"),
        pytest.param(["list", "--duration", "3s"], "--duration goes with --follow", id="duration-alone"),
        pytest.param(["list", "--follow", "--duration", "soon"], "--duration soon: a time such as", id="duration"),
        pytest.param(["list", "--follow", "--duration", "0"], "--duration 0: a time such as", id="no-time"),
        pytest.param(["walk", "--follow", "--all-streams"], "one connection as it goes", id="all-streams"),
        pytest.param(["list", "--follow", "-"], "a pipe is followed alone", id="pipe-and-file"),
        pytest.param(["list", "--follow", "missing.pcap"], "cannot be opened", id="missing"),
    ],
)
def test_refused(httptrace, arguments, words):
    result = httptrace(*arguments, "first-page.pcap")
    assert (result.status, result.text) == (2, "")
    assert words in result.err
    assert result.err.count("\n") == 1


def test_a_second_signal_ends_at_once():
    waiting = Waiting(lambda: None)
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with ended_by_signals(waiting, Follow()):
        signal.raise_signal(signal.SIGTERM)
        assert waiting.over
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    with ended_by_signals(waiting, None):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_followed_named_pipe(tmp_path):
    path: Path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = subprocess.Popen(["cat", CAPTURES / "first-page.pcap"], stdout=os.open(path, os.O_RDWR))
    result = Running("list", "--follow", path, "--format", "jsonl")
    with result:
        assert number_of(result.line()) == 1
        assert result.end(signal.SIGINT)[0] == 0
    writer.wait()
