"""The records that a reader must give for a capture of a conversation, and the notes they must carry.

Where the contract leaves a choice, the truth says nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from .conversation import Conversation
from .message import Sent
from .reading import Side, View, look
from .tcp import ACK, CLIENT, SERVER, SYN

#: The codes this truth speaks about; every other note may be there or not.
JUDGED = {
    "content-gap",
    "content-coding-error",
    "truncated",
    "bad-framing",
    "smuggling-risk",
    "no-request",
    "resynced",
    "decode-limit",
    "differing-overlap",
    "head-limit",
    "connection-limit",
    "store-limit",
}


@dataclass(slots=True)
class ExpectedExchange:
    """Fields of the contract that must be so (absent ones are not judged), and the notes."""

    record: dict[str, Any]
    must: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)
    one_of: set[str] = field(default_factory=set)
    loose: bool = False
    sent: dict[str, Sent] = field(default_factory=dict)  # both messages as they were sent


@dataclass(slots=True)
class Expected:
    """All that must be found of one conversation."""

    exchanges: list[ExpectedExchange]
    stream: dict[str, Any]
    packets: list[dict[str, Any]]
    resynced: bool  # some exchange must say so
    loose: bool
    unpaired: bool  # which response answers which request cannot be told


def sha256(data: bytes) -> str | None:
    return hashlib.sha256(data).hexdigest() if data else None


def plain(message: Sent) -> bool:
    """Whether the content is sent as it is."""
    return set((message.encoding or "identity").split(", ")) == {"identity"}


def expected_body(view: View) -> dict[str, Any]:
    message = view.message
    found: dict[str, Any] = {}
    if view.seen == "start" or view.body is None:
        return found
    found |= {"content_type": message.content_type, "encoding": message.encoding, "size": len(view.body)}
    if view.body == message.body:
        found |= {"decoded_size": len(message.content), "sha256": sha256(message.content)}
    elif plain(message) or not view.body:
        found |= {"decoded_size": len(view.body), "sha256": sha256(view.body)}
    return found


def expected_message(view: View) -> dict[str, Any] | None:
    if view.seen == "none":
        return None
    message = view.message
    found: dict[str, Any] = {
        "version": message.version,
        "complete": view.complete,
        "body": expected_body(view),
    }
    if message.sender is CLIENT:
        found |= {"method": message.method, "target": message.target}
        if view.seen == "head":
            found["url"] = message.url
        if message.announced:
            found["complete"] = False
    else:
        found |= {"status": message.status, "reason": message.reason}
    if view.seen == "head":
        found["headers"] = [list(each) for each in message.headers]
        found["header_size"] = message.head_size if message.version != "HTTP/0.9" else None
        if found["header_size"] is None:
            del found["header_size"]
    if view.complete:
        found["trailers"] = [list(each) for each in message.trailers]
    if view.first:
        found |= {"first_packet": view.first.number, "time_ns": view.first.time_ns}
    if view.last:
        found |= {"last_packet": view.last.number, "end_time_ns": view.last.time_ns}
    return found


def expected_exchange(request: View, informational: list[View], response: View) -> ExpectedExchange:
    one, two = expected_message(request), expected_message(response)
    record: dict[str, Any] = {"request": one, "response": two}
    versions = {view.message.version for view in (request, response) if view.seen != "none"}
    if len(versions) == 1:
        record["protocol"] = versions.pop()
    expected = ExpectedExchange(record)
    expected.sent = {"request": request.message, "response": response.message}
    for view in (request, response):
        expected.loose = expected.loose or view.loose
        if view.seen == "none":
            expected.may |= {"content-gap", "truncated", "resynced"}
            continue
        if view.either:
            expected.one_of |= {"content-gap", "truncated"}
        elif view.gap:
            expected.must.add("content-gap")
        elif view.cut:
            expected.must.add("truncated")
        if view.gap:
            expected.may |= {"resynced", "truncated"}
        if view.resynced:
            expected.may.add("resynced")
        coded = view.message.opaque_coding or not plain(view.message)
        if coded and not view.complete:
            expected.may.add("content-coding-error")
        if coded and view.body and view.body != view.message.body:
            expected.must.add("content-coding-error")
    if any(view.resynced for view in informational):
        expected.may.add("resynced")
    if request.seen == "none":
        expected.must.add("no-request")
    if all(view.seen == "head" for view in informational):
        record["informational"] = [expected_message(view) for view in informational]
    return expected


def differing_copies(sides: list[Side], messages: list[Sent]) -> list[int]:
    """The packets that carry later, differing copies of bytes of these messages."""
    found = []
    for message in messages:
        side = sides[message.sender]
        begin, behind = message.start, message.start + message.size
        for segment in side.differing:
            first = segment.seq - 1
            touched = range(max(begin, first), min(behind, first + len(segment.captured)))
            if any(side.stream[at] != segment.payload[at - first] for at in touched):
                found.append(segment.number)
    return found


def note_copies(expected: ExpectedExchange, copies: list[int]) -> None:
    """A differing copy is a note of the exchange it touches; when that is over already, it may be."""
    messages = [expected.record[side] for side in ("request", "response")]
    over = all(message and message["complete"] for message in messages)
    last = max(message["last_packet"] for message in messages) if over else None
    if any(last is None or number <= last for number in copies):
        expected.must.add("differing-overlap")
    elif copies:
        expected.may.add("differing-overlap")


def expected_stream(conversation: Conversation, sides: list[Side]) -> dict[str, Any]:
    captured, path = conversation.captured, conversation.path
    found: dict[str, Any] = {
        "stream": conversation.stream,
        "client": {"ip": path.client, "port": path.client_port},
        "server": {"ip": path.server, "port": path.server_port},
        "first_packet": min(segment.number for segment in captured),
        "last_packet": max(segment.number for segment in captured),
    }
    fins = [side.fin is not None for side in sides]
    order = [letter for segment in captured for letter in segment.letters if letter in "RF"]
    if "R" in order and not all(fins):
        found["close"] = "rst"
    elif "R" not in order:
        found["close"] = "fin" if all(fins) else "half" if any(fins) else "open"
    answered = any(segment.sender is CLIENT and segment.flags & ACK and segment.ack == 1 for segment in captured)
    if sides[0].syn and sides[1].syn and answered:
        found["handshake"] = "complete"
    elif sides[0].syn or sides[1].syn:
        found["handshake"] = "partial"
    for side, name in zip(sides, ("client", "server"), strict=True):
        found[f"{name}_packets"] = sum(segment.sender == side.sender for segment in captured)
        found[f"{name}_bytes"] = side.unique
        if conversation.fault not in (
            "keep-alive",
            "zero-window",
        ):  # a probe is neither one thing nor the other
            found[f"{name}_retransmissions"] = side.retransmissions
            found[f"{name}_out_of_order"] = side.out_of_order
        if side.syn:
            found[f"{name}_missing_bytes"] = side.holes(0, side.highest)
            found[f"{name}_missing_acked_bytes"] = side.holes(0, min(side.acked, side.highest))
    return found


def expected_packets(conversation: Conversation) -> list[dict[str, Any]]:
    """Relative numbers: to the side's SYN, or so that what is first heard of a side without one is number
    1."""
    base: list[int | None] = [None, None]
    found = []
    for segment in conversation.captured:
        sender, other = segment.sender, 1 - segment.sender
        if segment.flags & SYN:
            base[sender] = segment.seq
        elif base[sender] is None:
            base[sender] = segment.seq - 1
        if segment.ack is not None and base[other] is None:
            base[other] = segment.ack - 1
        seq_base, ack_base = base[sender] or 0, base[other] or 0
        found.append(
            {
                "packet": segment.number,
                "stream": conversation.stream,
                "from": "client" if sender is CLIENT else "server",
                "flags": segment.letters,
                "seq": (segment.seq - seq_base) & 0xFFFF_FFFF,
                "ack": None if segment.ack is None else (segment.ack - ack_base) & 0xFFFF_FFFF,
                "len": len(segment.payload),
            }
        )
    return found


def expected(conversation: Conversation) -> Expected:
    """Everything that must be found of a numbered conversation."""
    sides = [Side(conversation, CLIENT), Side(conversation, SERVER)]
    spoken = conversation.dialogue.exchanges
    requests = look(sides[0], [each.request for each in spoken])
    answers = look(sides[1], [message for each in spoken for message in (*each.response.informational, each.response)])
    exchanges, at = [], 0
    for request, each in zip(requests, spoken, strict=True):
        count = len(each.response.informational)
        informational, response = answers[at : at + count], answers[at + count]
        at += count + 1
        if request.seen == "none" and response.seen == "none":
            continue
        found = expected_exchange(request, informational, response)
        messages = [each.request, *each.response.informational, each.response]
        note_copies(found, differing_copies(sides, messages))
        exchanges.append(found)
    return Expected(
        exchanges,
        expected_stream(conversation, sides),
        expected_packets(conversation),
        resynced=any(view.resynced for view in (*requests, *answers)) and all(side.syn for side in sides),
        loose=any(view.loose for view in (*requests, *answers)),
        unpaired="pipelined" in conversation.features
        and any(view.gap or view.resynced or view.seen == "none" for view in (*requests, *answers)),
    )
