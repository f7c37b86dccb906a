"""The thread that writes: nothing that it writes to can hold up who gives it lines."""

from __future__ import annotations

import threading

from httptrace.cli.live.output import Output


class Stalled:
    """Takes bytes only when it is let."""

    def __init__(self):
        self.gate = threading.Event()
        self.writing = threading.Event()
        self.written = []

    def __call__(self, data):
        self.writing.set()
        assert self.gate.wait(20)
        self.written.append(data)


def test_lines_come_in_order_and_all_of_them():
    written = []
    output = Output(written.append)
    output.start()
    lines = [b"%d\n" % number for number in range(5_000)]
    for line in lines:
        output.line(line)
    output.finish()
    assert b"".join(written) == b"".join(lines)
    assert output.left_out == 0


def test_a_stalled_terminal_holds_up_nobody_and_what_is_left_out_is_counted():
    terminal = Stalled()
    output = Output(terminal, limit=100)
    output.start()
    output.line(b"first\n")
    assert terminal.writing.wait(20)
    for number in range(50):
        output.line(b"line %04d\n" % number)  # ten bytes each
    assert output.left_out == 40
    terminal.gate.set()
    output.finish()
    written = b"".join(terminal.written).splitlines()
    assert written == [b"first", *(b"line %04d" % number for number in range(10))]


def test_there_is_room_again_behind_a_stall():
    terminal = Stalled()
    output = Output(terminal, limit=100)
    output.start()
    for _ in range(30):
        output.line(b"123456789\n")
    left_out = output.left_out
    assert left_out >= 10
    terminal.gate.set()
    while terminal.written == [] or output._waiting:
        pass
    output.line(b"again\n")
    output.finish()
    assert output.left_out == left_out
    assert terminal.written[-1].endswith(b"again\n")


def test_a_closed_pipe_is_told_once():
    told = []

    def broken(_data):
        raise BrokenPipeError(32, "Broken pipe")

    output = Output(broken, on_break=lambda: told.append("it broke"))
    output.start()
    output.line(b"x\n")
    while not told:
        pass
    output.line(b"y\n")
    output.finish()
    assert told == ["it broke"]
    assert isinstance(output.problem, BrokenPipeError)


def test_the_status_stands_at_the_foot_and_lines_pass_above_it(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    written = []
    output = Output(lambda data: written.append((data, capsys.readouterr().err)), lambda: "status " + "x" * 80)
    output.start()
    while output._shows_status == "":
        pass
    output.line(b"row\n")
    output.finish()
    ((data, before),) = written
    assert data == b"row\n"
    assert before.endswith("\r\x1b[2K"), "the status is out of the way when the row comes"
    shown = before.split("\x1b[2K")[1]
    assert shown.startswith("status x")
    assert len(shown.replace("\r", "")) < 60, "one line, whatever there is to say"
    assert shown.endswith("\r\r"), "the cursor stands at its start, for whoever else writes to the terminal"


def test_what_is_said_goes_to_stderr(capsys):
    output = Output(lambda _data: None)
    output.start()
    output.say("httptrace: hello")
    output.finish()
    assert capsys.readouterr().err == "httptrace: hello\n"
