"""Messages over pipes: whole or not at all, and never a wait for the other end's reading."""

from __future__ import annotations

import io
import os
from threading import Thread
from typing import Any

import pytest

from httptrace.workers.channel import Sender, pack, receive, unpack


@pytest.mark.parametrize(
    "message",
    [
        pytest.param((1, -2, "text \udc80 häßlich", b"\x00\xff", None, True), id="plain-values"),
        pytest.param([(1_700_000_000_123_456_789, (7, 2**63, 0))], id="times"),
        pytest.param({"a": {"b": [1.5, ()]}}, id="nested"),
        pytest.param([], id="empty"),
    ],
)
def test_a_message_comes_back_as_it_was(message: Any) -> None:
    assert unpack(pack(message)) == message


def test_both_ends_may_have_much_to_say() -> None:
    """Far more than two pipes hold is sent before anyone reads: nobody waits for the other."""
    there_out, there_in = os.pipe()
    back_out, back_in = os.pipe()
    big = pack([b"x" * 300_000] * 10)
    senders = [Sender(there_in), Sender(back_in)]
    for _ in range(3):
        for sender in senders:
            sender.send(big)
    for descriptor, sender, written in ((there_out, senders[0], there_in), (back_out, senders[1], back_in)):
        with open(descriptor, "rb") as stream:
            for _ in range(3):
                assert len(receive(stream)) == 10
            sender.finish()
            os.close(written)
            assert receive(stream) is None


def test_a_sender_without_a_reader_ends() -> None:
    out, into = os.pipe()
    os.close(out)
    sender = Sender(into)
    sender.send(pack(b"x" * 1_000_000))
    sender.send(pack(b"y"))
    sender.finish()
    os.close(into)


def test_a_sender_waits_where_much_is_not_taken_yet() -> None:
    out, into = os.pipe()
    sender = Sender(into, room=1_000)
    sent = []

    def send() -> None:
        for count in range(3):
            sender.send(pack(b"x" * 300_000))
            sent.append(count)

    thread = Thread(target=send)
    thread.start()
    with open(out, "rb") as stream:
        thread.join(0.05)
        assert len(sent) == 1, "the second waits for room"
        assert [len(receive(stream)) for _ in range(3)] == [300_000] * 3
        thread.join()
        sender.finish()
    os.close(into)


def test_what_is_mentioned_waits_for_nothing() -> None:
    out, into = os.pipe()
    sender = Sender(into)
    sender.mention(pack("first"))
    with open(out, "rb") as stream:
        assert receive(stream) == "first"
        sender.send(pack(b"x" * 300_000))  # more than the pipe holds
        sender.mention(pack("not said"))
        sender.send(pack("last"))
        assert [type(receive(stream)), receive(stream)] == [bytes, "last"]
        sender.finish()
    os.close(into)


def test_a_sender_that_waits_is_let_go_when_nobody_reads() -> None:
    out, into = os.pipe()
    sender = Sender(into, room=1_000)
    sender.send(pack(b"x" * 300_000))
    os.close(out)
    for _ in range(3):
        sender.send(pack(b"x" * 300_000))
    sender.finish()
    os.close(into)


@pytest.mark.parametrize("kept", [0, 3, 8, 20])
def test_a_message_cut_short_is_none(kept: int) -> None:
    data = pack(b"x" * 100)
    whole = len(data).to_bytes(8, "big") + data
    assert receive(io.BytesIO(whole)) == b"x" * 100
    assert receive(io.BytesIO(whole[:kept])) is None
