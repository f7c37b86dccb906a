"""A direction is cut into records wherever the segments end, and recognised by its first octets."""

from __future__ import annotations

import random
import ssl

import pytest

from httptrace.tls.records import LARGEST_FRAGMENT, Record, RecordReader, looks_like_tls
from tests.tls.handshakes import client_hello, conversation, record, server_hello, sized

FINISHED = record(22, bytes.fromhex("9a77") * 20)
DATA = record(23, bytes(range(100)))
CCS = record(20, b"\x01")

SSL2_HELLO = bytes.fromhex("802b 01 0301 0012 0000 0010") + bytes(0x12) + bytes(0x10)
SSL2_SESSION_OF_5 = bytes.fromhex("8030 01 0301 0012 0005 0010") + bytes(0x12 + 5 + 0x10)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        pytest.param(record(22, client_hello(), 0x0301), True, id="client-hello"),
        pytest.param(record(22, server_hello(0x1301)), True, id="server-hello"),
        pytest.param(record(22, client_hello(version=0x0300), 0x0300), True, id="ssl-3.0"),
        pytest.param(record(22, b"\x01") + record(22, client_hello()[1:]), True, id="hello-in-tiny-records"),
        pytest.param(SSL2_HELLO, True, id="hello-of-ssl-2.0-shape"),
        pytest.param(SSL2_HELLO.replace(b"\x01\x03\x01", b"\x01\x00\x02"), False, id="ssl-2.0-itself"),
        pytest.param(SSL2_HELLO.replace(b"\x80\x2b", b"\x80\x2c"), False, id="ssl-2.0-shape-of-wrong-length"),
        pytest.param(SSL2_SESSION_OF_5, False, id="ssl-2.0-shape-with-half-a-session"),
        pytest.param(DATA, True, id="mid-stream-data"),
        pytest.param(DATA + DATA, True, id="mid-stream-two-records"),
        pytest.param(DATA + DATA[:3], True, id="mid-stream-second-record-begins"),
        pytest.param(DATA[:50], True, id="mid-stream-record-cut"),
        pytest.param(CCS + FINISHED + DATA, True, id="mid-stream-end-of-handshake"),
        pytest.param(record(21, b"\x01\x00"), True, id="plain-alert"),
        pytest.param(record(21, bytes(26)), True, id="encrypted-alert"),
        pytest.param(DATA + b"HTTP/1.1 200 OK\r\n", False, id="something-else-follows"),
        pytest.param(DATA + record(23, bytes(50), 0x0301), False, id="the-version-changes"),
        pytest.param(record(23, b"tiny"), False, id="data-too-short-to-be-encrypted"),
        pytest.param(record(20, b"\x02"), False, id="change-cipher-spec-is-one"),
        pytest.param(record(21, b"\x07\x00"), False, id="alert-of-no-level"),
        pytest.param(b"\x17\x03\x03" + sized(2, bytes(LARGEST_FRAGMENT + 1)), False, id="record-too-long"),
        pytest.param(b"\x16\x03\x00\x00\x0a5.7.30-log\x00\x08", False, id="mysql-greeting-of-790-octets"),
        pytest.param(record(22, b"\x01\x00\x00\x40\x99\x99") + b"text", False, id="hello-of-no-version"),
        pytest.param(record(22, b"\x01\x02\x00\x40\x03\x03") + b"text", False, id="hello-of-128-KiB"),
        pytest.param(b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x30\x01", False, id="dtls"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", False, id="http-request"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", False, id="http-response"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", False, id="http-2"),
        pytest.param(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", False, id="http-2-settings"),
        pytest.param(b"220 mail.example ESMTP\r\n", False, id="smtp"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", False, id="ssh"),
        pytest.param(b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00", False, id="rdp"),
        pytest.param(b"\x81\x85\x01\x03\x01\x02\x69\x66\x6d\x6e\x6e", False, id="websocket-frame"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"\x16", None, id="one-octet"),
        pytest.param(b"\x16\x03\x01\x02\x00", None, id="a-header"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01", None, id="half-a-hello-header"),
        pytest.param(b"\x80\x2b", None, id="two-octets-of-ssl-2.0-shape"),
        pytest.param(b"G", False, id="one-letter"),
    ],
)
def test_looks_like_tls(data: bytes, answer: bool | None) -> None:
    assert looks_like_tls(data) is answer


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_a_real_hello_is_known_after_eleven_octets(version: ssl.TLSVersion) -> None:
    for _, octets in conversation(version)[:2]:
        assert [looks_like_tls(octets[:length]) for length in range(11)] == [None] * 11
        assert all(looks_like_tls(octets[:length]) for length in range(11, len(octets) + 1))


@pytest.mark.parametrize("seed", range(20))
def test_a_direction_may_begin_at_any_of_its_records(seed: int) -> None:
    chance = random.Random(seed)
    records = [record(23, chance.randbytes(chance.randrange(20, 3000))) for _ in range(10)]
    whole = b"".join(records[chance.randrange(10) :])
    assert looks_like_tls(whole[: chance.randrange(6, len(whole))]) is True


@pytest.mark.parametrize("seed", range(10))
def test_random_octets_are_not_tls(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(1000):
        assert looks_like_tls(chance.randbytes(64)) is False
        text = bytes(chance.choices(b"abc \r\n\t:/\x16\x17\x03", k=64))
        assert not looks_like_tls(text) or text.startswith((b"\x16\x03\x03", b"\x17\x03\x03"))


@pytest.mark.parametrize("seed", range(10))
def test_what_was_refused_is_refused_with_more(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        data = bytes(chance.choices((0x80, 1, 2, 3, 20, 21, 22, 23, 0, 16), k=24))
        answers = [looks_like_tls(data[:length]) for length in range(len(data) + 1)]
        assert False not in answers or set(answers[answers.index(False) :]) == {False}


def read(*steps: bytes | int) -> tuple[list[Record], bool]:
    """The records of a direction: bytes are data, numbers are gaps; time counts the steps from 1."""
    reader = RecordReader()
    records: list[Record] = []
    for time_ns, step in enumerate(steps, 1):
        records += reader.gap(step) if isinstance(step, int) else reader.data(step, time_ns)
    assert not (reader.lost and reader._buffer)
    return records, reader.lost


def fragments(*steps: bytes | int) -> tuple[list[tuple[int, bytes, bool]], bool]:
    records, lost = read(*steps)
    return [(each.type, each.fragment, each.complete) for each in records], lost


THREE = [(20, b"\x01", True), (22, FINISHED[5:], True), (23, DATA[5:], True)]


@pytest.mark.parametrize(
    ("steps", "expected", "lost"),
    [
        pytest.param([CCS + FINISHED + DATA], THREE, False, id="three-in-one-segment"),
        pytest.param([CCS, FINISHED, DATA], THREE, False, id="three-in-three"),
        pytest.param([CCS + FINISHED[:4], FINISHED[4:] + DATA], THREE, False, id="cut-in-a-header"),
        pytest.param([record(22, b"")], [(22, b"", True)], False, id="an-empty-one"),
        pytest.param([DATA[:35], 40, DATA[75:] + CCS], [(23, DATA[5:35], False), THREE[0]], False, id="a-hole"),
        pytest.param([DATA[:35], 70, CCS], [(23, DATA[5:35], False), THREE[0]], False, id="a-hole-to-the-end"),
        pytest.param([DATA[:9], 6, DATA[15:20], 85, CCS], [(23, DATA[5:9], False), THREE[0]], False, id="holes"),
        pytest.param([DATA[:35], 71, CCS], [(23, DATA[5:35], False)], True, id="a-hole-beyond-the-end"),
        pytest.param([DATA[:4], 1, DATA[5:]], [], True, id="a-hole-in-the-header"),
        pytest.param([CCS, 105, CCS], [THREE[0]], True, id="a-hole-between-records"),
        pytest.param([CCS + b"GET / HTTP/1.1\r\n", CCS], [THREE[0]], True, id="something-else"),
        pytest.param([SSL2_HELLO + CCS], [(0x80, SSL2_HELLO[2:], True), THREE[0]], False, id="ssl-2.0-shape"),
        pytest.param([CCS + b"\x17\x03\x03\x48\x01"], [THREE[0]], True, id="longer-than-any"),
        pytest.param([CCS + SSL2_HELLO], [THREE[0]], True, id="ssl-2.0-shape-only-at-the-start"),
    ],
)
def test_records(steps: list[bytes | int], expected: list[tuple[int, bytes, bool]], lost: bool) -> None:
    assert fragments(*steps) == (expected, lost)


def test_a_record_behind_a_hole_knows_when_it_began() -> None:
    records, _ = read(DATA[:35], 40, DATA[75:] + CCS[:2], CCS[2:])
    assert [(each.first_ns, each.last_ns) for each in records] == [(1, 3), (3, 4)]


def test_a_record_knows_when_it_began_and_ended() -> None:
    records, _ = read(CCS + DATA[:3], DATA[3:50], DATA[50:] + FINISHED, CCS)
    assert [(each.type, each.first_ns, each.last_ns) for each in records] == [
        (20, 1, 1),
        (23, 1, 3),
        (22, 3, 3),
        (20, 4, 4),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_any_split_gives_the_same_records(seed: int) -> None:
    chance = random.Random(seed)
    whole = b"".join(
        record(chance.choice((20, 21, 22, 23)), chance.randbytes(chance.choice((0, 1, 2, 60)))) for _ in range(20)
    )
    cuts = sorted(chance.choices(range(len(whole)), k=chance.randrange(40)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert fragments(*pieces) == fragments(whole) == fragments(*(bytes((octet,)) for octet in whole))


@pytest.mark.parametrize("seed", range(30))
def test_holes_inside_records_cost_only_those_records(seed: int) -> None:
    chance = random.Random(seed)
    steps: list[bytes | int] = []
    expected: list[tuple[int, bytes, bool]] = []
    for number in range(20):
        octets = record(23, chance.randbytes(chance.randrange(10, 90)))
        start = chance.randrange(5, len(octets))
        end = chance.randrange(start, len(octets) + 1) if number % 2 else start
        steps += [octets[:start], end - start, octets[end:]] if end > start else [octets]
        expected.append((23, octets[5:start] if end > start else octets[5:], end == start))
    assert fragments(*(step for step in steps if step)) == (expected, False)
