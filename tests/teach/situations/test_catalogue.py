"""Every situation is what it says: its own truth, httptrace and tshark agree."""

from __future__ import annotations

import subprocess

import pytest

from httptrace import lang
from httptrace.cli.arguments import VERBS
from httptrace.model import Direction
from httptrace.teach.situations.catalogue import SITUATIONS, written
from tests.programs import need
from tests.teach.situations.reading import capture, read

EVERY = pytest.mark.parametrize("name", SITUATIONS)

#: The names that the project promises.
PROMISED = [
    *("handshake", "page", "pipelining", "chunked", "loss", "retransmission", "reorder", "reset", "refused"),
    *("half-close", "keep-alive", "zero-window", "slow-start", "redirect", "upload", "gzip", "smuggling", "reuse"),
]


def test_every_promised_situation_is_there() -> None:
    assert sorted(SITUATIONS) == sorted(PROMISED)


@EVERY
def test_the_packets_are_as_many_as_the_truth_says(name: str) -> None:
    assert len(read(name)[0]) == written(SITUATIONS[name]).truth.packets > 0


@EVERY
def test_the_analysis_words_are_those_of_the_truth(name: str) -> None:
    found = {packet.packet: packet.analysis for packet in read(name)[0] if packet.analysis}
    assert {no: set(words) for no, words in found.items()} == {
        no: set(words) for no, words in written(SITUATIONS[name]).truth.analysis.items()
    }


@EVERY
def test_the_connections_are_those_of_the_truth(name: str) -> None:
    truth = written(SITUATIONS[name]).truth.streams
    records = read(name)[2]
    assert [(one.handshake, one.close) for one in records] == [(one.handshake, one.close) for one in truth]
    assert [(one.client_side.packets, one.server_side.packets) for one in records] == [one.packets for one in truth]
    assert [(one.client_side.bytes, one.server_side.bytes) for one in records] == [
        (one.octets[0] - one.missing[0], one.octets[1] - one.missing[1]) for one in truth
    ]
    sides = [(one.client_side.missing_bytes, one.server_side.missing_acked_bytes) for one in records]
    assert sides == [one.missing for one in truth]


@EVERY
def test_the_exchanges_are_those_of_the_truth(name: str) -> None:
    found = []
    for one in read(name)[1]:
        assert one.request is not None
        assert one.response is not None
        codes = tuple(note.code for note in one.notes)
        body = one.response.body
        found.append(
            (
                (one.stream, one.request.method, one.request.target, one.response.status),
                (one.request.body.size, body.size, body.decoded_size, one.response.complete, codes),
            )
        )
    assert found == [
        (
            (one.stream, one.method, one.target, one.status),
            (one.sent, one.received, one.received if one.decoded is None else one.decoded, one.complete, one.notes),
        )
        for one in written(SITUATIONS[name]).truth.exchanges
    ]


@EVERY
def test_two_writings_are_the_same_bytes(name: str) -> None:
    assert written(SITUATIONS[name]).frames == written(SITUATIONS[name]).frames


@EVERY
def test_time_goes_forward(name: str) -> None:
    times = [time for time, _frame in written(SITUATIONS[name]).frames]
    assert times == sorted(set(times))
    assert not any(time % 1_000 for time in times), "microseconds, as tcpdump takes them"


@EVERY
def test_what_comes_in_is_padded(name: str) -> None:
    frames = written(SITUATIONS[name]).frames
    for packet, (_time, frame) in zip(read(name)[0], frames, strict=True):
        assert len(frame) >= (60 if packet.sender is Direction.SERVER else 54)


@EVERY
def test_what_to_try_are_commands(name: str) -> None:
    for command in SITUATIONS[name].tries:
        assert command.split()[0] in VERBS


@EVERY
def test_both_languages_have_its_texts(name: str) -> None:
    for text in (SITUATIONS[name].title, SITUATIONS[name].shows):
        with lang.speaking("zh"):
            assert lang._(text) != text


#: tshark's field for each word of the contract.
FIELDS = {
    "retransmission": "retransmission",
    "fast-retransmission": "fast_retransmission",
    "out-of-order": "out_of_order",
    "lost-segment": "lost_segment",
    "acked-unseen-segment": "ack_lost_segment",
    "dup-ack": "duplicate_ack",
    "window-update": "window_update",
    "zero-window": "zero_window",
    "window-full": "window_full",
    "zero-window-probe": "zero_window_probe",
    "keep-alive": "keep_alive",
    "keep-alive-ack": "keep_alive_ack",
    "port-reused": "reused_ports",
}


@pytest.mark.programs
@EVERY
def test_tshark_agrees(name: str, tmp_path) -> None:
    path = tmp_path / f"{name}.pcap"
    path.write_bytes(capture(name))
    fields = ["frame.number", "ip.checksum.status", "tcp.checksum.status", "_ws.malformed"]
    fields += [f"tcp.analysis.{field}" for field in FIELDS.values()]
    done = subprocess.run(
        [need("tshark"), "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields"]
        + [word for field in fields for word in ("-e", field)],
        capture_output=True,
        check=True,
    )
    found: dict[int, set[str]] = {}
    for line in done.stdout.decode().splitlines():
        number, ip, tcp, malformed, *marks = line.split("\t")
        assert (ip, tcp) == ("1", "1"), f"No{number}: a checksum is wrong"
        # tshark, too, says of smuggling that the two lengths must not stand together.
        assert bool(malformed) == (name == "smuggling" and number == "4")
        words = {word for word, mark in zip(FIELDS, marks, strict=True) if mark}
        if words:
            found[int(number)] = words
    assert found == {no: set(words) for no, words in written(SITUATIONS[name]).truth.analysis.items()}
