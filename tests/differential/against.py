"""tshark held against the truth: where it deviates, and the reasons that are known."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass, field

from tests.generate.conversation import Batch, Conversation
from tests.generate.message import Sent
from tests.generate.truth import Expected, sha256

from .tshark import Seen

#: Why tshark's exchanges differ from the truth, measured on 4.0.17 with its default settings. The key is a
#: fault or a feature of the dialogue; a deviation of a conversation that has none of these is news, and fails
#: the test. So tshark must find every undisturbed exchange, and every one behind doubles, overlaps, keep-
#: alives and window probes.
REASONS = {
    "reordered": "a segment behind a hole is not read as HTTP; a first one that comes late is lost",
    "lost-on-network": "the same: what fills the hole comes behind what it precedes",
    "lost-in-capture": "a hole in a message ends its reassembly: no exchange, or one without its response",
    "burst-lost": "the same, in both directions",
    "early-end": "a message that was cut off is not reported",
    "reset": "the same",
    "overlapped-differing": "a wide copy that comes while a message is put together can replace the first one's bytes",
    "snapped": "a segment that was cut short is not joined with others",
    "pipelined": "the last request seen decides how a response is framed (HEAD, 304 with a length), and "
    "which one it answers",
    "upgrade": "bytes behind a 101 to a protocol it does not know are dissected as HTTP again",
    "http/0.9": "there is no HTTP/0.9",
    "gzip-transfer": "a Transfer-Encoding of gzip, chunked is not undone",
}


@dataclass(slots=True)
class Deviations:
    """What tshark made of one conversation where the truth says otherwise."""

    packets: list[str] = field(default_factory=list)
    exchanges: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    compared_bodies: int = 0


def by_stream(seen: list[Seen]) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = defaultdict(list)
    for packet in seen:
        found[packet.stream].append(packet)
    return found


def packet_headers(want: Expected, seen: dict[int, Seen]) -> list[str]:
    """Where tshark numbers a packet otherwise."""
    faults = []
    for packet in want.packets:
        told = seen.get(packet["packet"])
        one = tuple(packet[name] for name in ("stream", "flags", "seq", "ack", "len"))
        other = told and (told.stream, told.flags, told.seq, told.ack, told.length)
        if one != other:
            faults.append(f"packet {packet['packet']}: tshark has {other}, the truth is {one}")
    return faults


def compare(conversation: Conversation, want: Expected, seen: list[Seen]) -> Deviations:
    """tshark's reading of one stream against the truth about it."""
    found = Deviations(packets=packet_headers(want, {packet.packet: packet for packet in seen}))
    requests = [each.record["request"] for each in want.exchanges if each.record["request"]]
    responses = [each.record["response"] for each in want.exchanges if each.record["response"]]
    told = [request for packet in seen for request in packet.requests]
    if told != (asked := [(request["method"], request["target"]) for request in requests]):
        found.exchanges.append(f"requests {told}, the truth is {asked}")
    statuses = [status for packet in seen for status in packet.statuses if status >= 200 or status == 101]
    if statuses != (answered := [response["status"] for response in responses if response["status"]]):
        found.exchanges.append(f"responses {statuses}, the truth is {answered}")
    if not found.exchanges:
        bodies(want, seen, found)
        pairs(want, seen, found)
    return found


def comparable(message: Sent) -> bool:
    """Whether tshark 4.0 can undo the coding: one of those it knows, and only the first member of a gzip
    body."""
    if message.encoding not in (None, "gzip", "x-gzip", "deflate", "br"):
        return False
    if message.encoding in ("gzip", "x-gzip") and message.body:
        member = zlib.decompressobj(wbits=31)
        member.decompress(message.body)
        return not member.unused_data
    return True


def bodies(want: Expected, seen: list[Seen], found: Deviations) -> None:
    """Content hashes, message by message in order, where a packet completes one message alone."""
    for side in ("request", "response"):
        messages = [(each.record[side], each.sent[side]) for each in want.exchanges if each.record[side]]
        kept = [packet for packet in seen if (packet.requests if side == "request" else finals(packet))]
        if len(kept) != len(messages):
            continue
        for (message, sent), packet in zip(messages, kept, strict=True):
            content = message["body"]
            if packet.body is None or content.get("sha256") is None or not message["complete"] or not comparable(sent):
                continue
            found.compared_bodies += 1
            if packet.body not in (
                content["sha256"],
                sha256(sent.body),
            ):  # where it fails it leaves the coding on
                name = message.get("target", message.get("status"))
                found.bodies.append(f"packet {packet.packet}: the body of {name!r} differs")


def finals(packet: Seen) -> list[int]:
    return [status for status in packet.statuses if status >= 200 or status == 101]


def pairs(want: Expected, seen: list[Seen], found: Deviations) -> None:
    """Which request a response is said to answer, where both are alone in their packets."""
    request_packets = [packet.packet for packet in seen for _ in packet.requests]
    expected = dict(enumerate(each for each in want.exchanges if each.record["request"]))
    if len(request_packets) != len(expected):
        return
    for packet in seen:
        if len(packet.statuses) != 1 or len(packet.request_in) != 1 or not finals(packet):
            continue
        asked = [at for at, number in enumerate(request_packets) if number == packet.request_in[0]]
        if len(asked) != 1:
            continue
        response = expected[asked[0]].record["response"]
        if response is None or response["status"] != packet.statuses[0]:
            asked_in = packet.request_in[0]
            found.pairs.append(f"packet {packet.packet}: {packet.statuses[0]} is said to answer packet {asked_in}")


def features(conversation: Conversation) -> set[str]:
    """What of a conversation is known to mislead tshark."""
    spoken = conversation.dialogue.exchanges
    found = {conversation.fault} | conversation.features
    if any(message.opaque_coding for each in spoken for message in (each.request, each.response)):
        found.add("gzip-transfer")
    return found


def all_deviations(batch: Batch, truths: dict[int, Expected], seen: list[Seen]) -> dict[int, Deviations]:
    """By stream."""
    streams = by_stream(seen)
    return {
        each.stream: compare(each, truths[each.stream], streams.get(each.stream, [])) for each in batch.conversations
    }
