"""`walk --step`: on a terminal a page a key, elsewhere a command a line; the terminal is left as it was."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys

import pytest

from httptrace.cli import telling
from httptrace.cli.verbs import walk_
from httptrace.outputs.wrap import cell_width
from tests.cli.command import CAPTURES
from tests.cli.pty_session import HTTPTRACE, Session, resize

PAGE = "captures/first-page.pcap"


def typed(httptrace, monkeypatch, lines: str, *arguments: str):
    """The command with these lines as its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    return httptrace("walk", "first-page.pcap", "--step", *arguments)


def test_commands_come_as_lines(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "\nn\n4\n")
    assert found.status == 0
    entries = [line.split()[0] for line in found.lines if line.startswith("No")]
    assert entries == ["No1", "No2", "No3", "No4"]
    assert "── Exchange 1: GET / → 200 OK ──" in found.text


def test_the_end_of_input_ends_it(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "")
    assert found.status == 0
    assert [line.split()[0] for line in found.lines if line.startswith("No")] == ["No1"]
    assert found.err == ""


def test_quit_ends_it_before_the_input(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "quit\nn\nn\n")
    assert [line.split()[0] for line in found.lines if line.startswith("No")] == ["No1"]


def test_open_shows_reasons_and_header_fields(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "4\nopen\n")
    assert "Accept-Encoding" in found.text
    assert "gzip, deflate, sdch" in found.text
    assert "Accept-Encoding" not in typed(httptrace, monkeypatch, "4\n").text


def test_open_shows_every_packet_of_a_run(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "9\nopen\n")
    behind = found.text.partition("No8 … No13")[2]
    assert [line.split()[0] for line in behind.splitlines() if line.startswith("No")] == [
        f"No{number}" for number in range(8, 14)
    ]


def test_a_long_run_is_opened_up_to_a_bound(httptrace, monkeypatch) -> None:
    monkeypatch.setattr(telling, "_OPENED", 4)
    found = typed(httptrace, monkeypatch, "9\nopen\n")
    assert "\nNo11 " in found.text
    assert "\nNo12 " not in found.text
    assert "… and 2 packets more" in found.text


def test_a_ladder_is_stepped_through(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "\n", "--ladder")
    assert "├── No1 SYN seq=0" in found.text
    assert "◀─ No2 SYN,ACK seq=0 ack=1" in found.text
    assert "Step 2. The server agrees" in found.text
    assert "No3" not in found.text


def test_several_connections_in_one_ladder(httptrace, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("16\n"))
    found = httptrace("walk", "real-http-server.pcap", "--step", "--ladder", "--all-streams")
    assert "No16 #2 GET /note.txt" in found.text
    assert "requests" in found.text


def test_both_languages(httptrace, monkeypatch) -> None:
    found = typed(httptrace, monkeypatch, "p\n?\n", "--lang", "zh")
    assert "第一次握手" in found.text
    assert "这是开头。" in found.text
    assert "展开这一步" in found.text


@pytest.mark.parametrize("step_by", ["8-13", "14-", "-3"])
def test_a_range_of_packets_is_stepped_through(httptrace, monkeypatch, step_by: str) -> None:
    found = typed(httptrace, monkeypatch, "last\nfirst\n", "--packets", step_by)
    assert found.status == 0


def test_a_large_capture_is_stepped_through_up_to_a_bound(httptrace, monkeypatch) -> None:
    monkeypatch.setattr(walk_.limits, "READ_FIRST", 0)
    monkeypatch.setattr(walk_, "MOST_PACKETS", 5)
    found = typed(httptrace, monkeypatch, "last\n")
    assert found.status == 0
    assert "No5" in found.text
    assert "No6" not in found.text
    assert "only the first 5 packets" in found.err


def test_a_range_far_into_a_large_capture(httptrace, monkeypatch) -> None:
    monkeypatch.setattr(walk_.limits, "READ_FIRST", 0)
    monkeypatch.setattr(walk_, "MOST_PACKETS", 5)
    found = typed(httptrace, monkeypatch, "open\nlast\n", "--packets", "12-15")
    assert [line.split()[0] for line in found.lines if line.startswith("No")] == ["No12", "No12", "No15"]
    assert "ESTABLISHED" in found.text
    assert found.err == ""


def test_more_than_can_be_stepped_through_is_refused(httptrace, monkeypatch) -> None:
    monkeypatch.setattr(walk_, "MOST_PACKETS", 5)
    found = typed(httptrace, monkeypatch, "")
    assert found.status == 2
    assert "more than 5 packets" in found.err


def test_where_keys_cannot_come_everything_is_printed() -> None:
    done = subprocess.run(
        [*HTTPTRACE, "walk", "--step", "-"],
        input=(CAPTURES / "first-page.pcap").read_bytes(),
        capture_output=True,
        start_new_session=True,  # and with it no terminal
        check=True,
    )
    assert b"there is no terminal for keys: all steps are printed" in done.stderr
    assert [line.split()[0] for line in done.stdout.decode().splitlines() if line.startswith("No")][-1] == "No19"


def widest(page: str) -> int:
    """The cells of the longest line of what a terminal was sent."""
    return max(cell_width(line) for line in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", page).splitlines())


def stepping(*more: str, **options: object) -> Session:
    return Session(*HTTPTRACE, "walk", PAGE, "--step", *more, **options)  # type: ignore[arg-type]


def test_a_key_a_step_and_the_terminal_as_before() -> None:
    with stepping(columns=100) as session:
        session.wait_for("No1  1/15")
        session.type("n")
        session.wait_for("No2  2/15")
        session.type("\x1b[C")
        session.wait_for("No3  3/15")
        session.type("\x1b[D")
        session.wait_for("No2  2/15")
        session.type("14\r")
        session.wait_for("No14  9/15")
        session.type("\r")
        assert "Accept-Language" in session.wait_for("Enter closes")
        session.type("q")
        assert session.ended() == 0
        assert session.restored()
        assert session.seen.endswith("\x1b[?25h")


def test_a_new_size_is_a_new_page() -> None:
    with stepping() as session:
        assert widest(session.wait_for("? help")) == 80
        resize(session.master, 110, 40)
        assert widest(session.wait_for("? help")) == 110
        session.type("q")
        assert session.ended() == 0


@pytest.mark.parametrize(
    ("end", "status"),
    [
        pytest.param("\x03", 130, id="ctrl-c"),
        pytest.param("\x04", 0, id="ctrl-d"),
        pytest.param(signal.SIGTERM, 128 + signal.SIGTERM, id="sigterm"),
        pytest.param(signal.SIGHUP, 128 + signal.SIGHUP, id="sighup"),
    ],
)
def test_however_it_ends_the_terminal_is_as_before(end: str | signal.Signals, status: int) -> None:
    with stepping() as session:
        session.wait_for("1/15")
        assert not session.restored()
        if isinstance(end, str):
            session.type(end)
        else:
            os.kill(session.process.pid, end)
        assert session.ended() == status
        assert session.restored()
        assert session.seen.endswith("\x1b[?25h")


def test_stopped_and_going_on() -> None:
    program = " ".join(HTTPTRACE)
    shell = f"set -m; {program} walk {PAGE} --step; stty -a; echo stopped; fg; echo ended $?"
    with Session("sh", "-c", shell) as session:
        session.wait_for("1/15")
        session.type("\x1a")
        shown = session.wait_for("stopped\r\n")
        assert " icanon" in shown
        assert "-icanon" not in shown
        session.wait_for("1/15")
        session.type("n")
        session.wait_for("2/15")
        session.type("q")
        session.wait_for("ended 0")
        assert session.ended() == 0
        assert session.restored()


def test_the_capture_through_a_pipe_and_keys_from_the_terminal() -> None:
    with (
        (CAPTURES / "first-page.pcap").open("rb") as capture,
        Session(*HTTPTRACE, "walk", "-", "--step", stdin=capture.fileno()) as session,
    ):
        session.wait_for("No1  1/")
        session.type(" ")
        session.wait_for("No2  2/")
        session.type("q")
        assert session.ended() == 0
        assert session.restored()


def test_a_dumb_terminal_gets_lines() -> None:
    with stepping(TERM="dumb") as session:
        session.wait_for("Commands: next back open")
        session.type("n\n")
        session.wait_for("No2 ")
        session.type("q\n")
        assert session.ended() == 0
        assert "\x1b" not in session.seen
