"""Keys from what a terminal sends, and a terminal that is left as it was."""

from __future__ import annotations

import os
import signal
import termios

import pytest

from httptrace.cli.keys import Terminal, UnixTerminal, WindowsTerminal, key_of, windows_key


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (b"n", "n"),
        (b" ", "space"),
        (b"\r", "enter"),
        (b"\n", "enter"),
        (b"\x7f", "backspace"),
        (b"\x04", "end-of-input"),
        (b"\x1b[A", "up"),
        (b"\x1bOB", "down"),
        (b"\x1b[C", "right"),
        (b"\x1b[1;5D", ""),
        (b"\x1b[D", "left"),
        (b"\x1b[H", "home"),
        (b"\x1b[4~", "end"),
        (b"\x1b[6~", "page-down"),
        (b"\x1b[200~", ""),
        (b"\x00", ""),
        ("漢".encode(), ""),
        ("é".encode(), ""),
        ("😀".encode(), ""),
    ],
)
def test_a_key_and_what_comes_behind_it(sent: bytes, key: str) -> None:
    assert key_of(sent + b"q") == (key, len(sent))


@pytest.mark.parametrize("sent", [b"\x1b", b"\x1b[", b"\x1b[1;", b"\x1bO"])
def test_a_sequence_that_is_not_whole_waits(sent: bytes) -> None:
    assert key_of(sent) == ("", 0)


def test_a_sequence_without_an_end_is_thrown_away() -> None:
    assert key_of(b"\x1b[" + b"1" * 40) == ("", 42)


def test_escape_before_a_key_is_escape() -> None:
    assert key_of(b"\x1bn") == ("escape", 1)


@pytest.mark.parametrize("seed", range(5))
def test_any_bytes_are_keys(seed: int) -> None:
    import random

    data = random.Random(seed).randbytes(2000)
    while data:
        _key, length = key_of(data)
        assert 0 <= length <= len(data)
        if length == 0:
            assert data[:1] == b"\x1b"
            assert len(data) < 16
            break
        data = data[length:]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("n", "n"),
        ("\r", "enter"),
        ("\xe0H", "up"),
        ("\x00P", "down"),
        ("\xe0M", "right"),
        ("\xe0\x01", ""),
        ("\x1b", "escape"),
        ("漢", ""),
    ],
)
def test_keys_of_a_windows_console(typed: str, key: str) -> None:
    characters = iter(typed)
    assert windows_key(lambda: next(characters)) == key
    assert next(characters, None) is None


def test_ctrl_c_on_a_windows_console() -> None:
    with pytest.raises(KeyboardInterrupt):
        windows_key(lambda: "\x03")


def test_a_windows_console_shows_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with WindowsTerminal(lambda: ["one", "two"], lambda: "q") as screen:
        assert screen.key() == "q"
    out = capsys.readouterr().out
    assert "one\n\x1b[Ktwo" in out
    assert out.endswith("\x1b[?25h")


@pytest.fixture
def pty():
    master, slave = os.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def test_a_terminal_gives_keys_as_they_are_pressed(pty: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    master, slave = pty
    os.write(master, b"n\x1b[C\x1b5 ")
    with UnixTerminal(lambda: ["page"], slave) as screen:
        assert [screen.key() for _ in range(5)] == ["n", "right", "escape", "5", "space"]
        os.write(master, b"\x1b")
        assert screen.key() == "escape"
    assert capsys.readouterr().out.count("page") == 6


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_it_is_as_before_whatever_happens(
    pty: tuple[int, int], error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    slave = pty[1]
    before = termios.tcgetattr(slave)
    handlers = [
        signal.getsignal(number) for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT, signal.SIGTERM)
    ]

    def draw() -> list[str]:
        assert termios.tcgetattr(slave) != before
        raise error

    screen: Terminal = UnixTerminal(draw, slave)
    with pytest.raises(error), screen:
        screen.key()
    assert termios.tcgetattr(slave) == before
    after = [signal.getsignal(number) for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT, signal.SIGTERM)]
    assert after == handlers
    assert capsys.readouterr().out.endswith("\x1b[?25h")


def test_a_new_size_ends_the_wait_and_draws_again(pty: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    with UnixTerminal(lambda: ["page"], pty[1]) as screen:
        os.kill(os.getpid(), signal.SIGWINCH)
        assert screen.key() == ""
        os.write(pty[0], b"n")
        assert screen.key() == "n"
    assert capsys.readouterr().out.count("page") == 2
