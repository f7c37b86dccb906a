"""A worker by itself: settings, rounds of events, answers."""

from __future__ import annotations

import os
from threading import Event as Flag
from threading import Thread

import pytest

from httptrace import limits
from httptrace.exchanges.plain import PlainDialogue
from httptrace.exchanges.sleeping import Sleeper
from httptrace.lang import current, use
from httptrace.model import DEAF
from httptrace.workers import worker as worker_module
from httptrace.workers.channel import Sender, pack, receive, unpack
from httptrace.workers.events import FINISHED, GIVEN_UP, KNOWN, LIMIT, SIGN, Event, Part
from httptrace.workers.rooms import ReadAlone
from httptrace.workers.standin import StandIn
from httptrace.workers.work import Work, work_of
from httptrace.workers.worker import Worker, give_signs

KEYS = (b"\xc0\x00\x02\x01\xc6\x33\x64\x01\x9c\x40\x00\x50", b"\xc6\x33\x64\x01\xc0\x00\x02\x01\x00\x50\x9c\x40")
NO_FILTERS = {"sort": None, "limit": None, "since": None, "until": None}
REQUEST = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"


def worker(verb: str = "list", number: int = 1, jobs: int = 3, form: str = "jsonl") -> Worker:
    return Worker({**Work(verb, form, NO_FILTERS).settings(), "number": number, "jobs": jobs})


def answer(one: Worker, events: list[Event]) -> Part:
    """What came of a round, all parts together."""
    whole: Part = ([], [], [])
    for part in one.answer(events):
        for kept, found in zip(whole, part, strict=True):
            kept += found  # type: ignore[operator]
    return whole


def exchange(index: int, stream: int) -> list[Event]:
    """The events of a connection with one exchange."""
    return [
        (index, KNOWN, stream, KEYS, 0, 1_000, 0),
        (index + 1, 2 * stream, REQUEST, (4, 4_000, 0)),
        (index + 2, 2 * stream + 1, RESPONSE, (5, 5_000, len(REQUEST))),
    ]


def test_an_exchange_takes_a_token_and_gives_a_row() -> None:
    taken, rows, defects = answer(worker(), exchange(10, 7))
    assert taken == [(11, 4)]  # the first of worker 1 of 3
    [(event, token, row)] = rows
    assert (event, token) == (12, 4)
    key, line = row
    assert key is None
    assert line.startswith(b'{"no":0,"stream":7,"client":{"ip":"192.0.2.1","port":40000}')
    assert defects == []


def test_dialogues_that_are_silent_sleep_where_all_workers_together_have_a_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "CROWD", 5)
    one = worker(jobs=3)
    streams = (1, 4)
    for stream in streams:
        asked = exchange(10 * stream, stream)[:2]
        answer(one, asked)
    dialogues = [one._connections[stream].application.dialogue for stream in streams]
    assert [type(dialogue) for dialogue in dialogues] == [
        PlainDialogue,
        PlainDialogue,
    ]  # two times three are a crowd, but awake
    far = 5 + limits.SILENT
    answer(one, [(90, 2 * 1, b"", (far, 9_000, 0))])
    dialogues = [one._connections[stream].application.dialogue for stream in streams]
    assert [type(dialogue) for dialogue in dialogues] == [Sleeper, Sleeper]
    _, rows, _ = answer(one, [(99, 2 * 4 + 1, RESPONSE, (far + 1, 5_000, len(REQUEST)))])
    assert b'"status":200' in rows[0][2][1]


def test_tokens_of_workers_never_meet() -> None:
    found = set()
    for number in range(3):
        one = worker(number=number)
        for stream in range(5):
            taken, *_ = answer(one, exchange(10 * stream, stream))
            found.add(taken[0][1])
    assert len(found) == 15


def test_a_long_body_takes_the_side_door() -> None:
    """In pieces or whole, by the door or not: the same row."""
    body = bytes(range(256)) * 400
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    events = [
        *exchange(0, 0)[:2],
        *(
            (3 + place, 1, (head + body)[place : place + 1000], (9, 9_000, len(REQUEST)))
            for place in range(0, len(head + body), 1000)
        ),
    ]
    _, [(_, _, (_, line))], _ = answer(worker(), events)
    whole = [*exchange(0, 0)[:2], (3, 1, head + body, (9, 9_000, len(REQUEST)))]
    _, [(_, _, (_, same))], _ = answer(worker(), whole)
    assert line == same
    assert b'"size":102400' in line


def test_many_rows_of_a_round_come_in_parts() -> None:
    """So that the bytes of a few packets, which may be a thousand exchanges each, are not all held at once."""
    rounds = [event for stream in range(1_500) for event in exchange(10 * stream, stream)]
    parts = [len(rows) for _, rows, _ in worker().answer(rounds)]
    assert parts == [1_025, 475]


def test_nothing_is_kept_of_a_finished_connection() -> None:
    one = worker()
    answer(one, [*exchange(0, 0), (5, FINISHED, 0, None)])
    assert not one._connections
    assert not one._sides


def test_a_connection_given_up_is_read_no_further() -> None:
    one = worker()
    events = exchange(0, 0)
    found = answer(one, [*events[:2], (2, GIVEN_UP, 0), (3, *events[2][1:]), (4, LIMIT, 0, "store-limit", 9)])
    assert found == ([(1, 4)], [], [])
    assert one._sides[0].sink is DEAF


def test_a_defect_is_told_with_its_event_and_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbling(*_arguments: object) -> None:
        raise ZeroDivisionError("made for a test")

    monkeypatch.setattr("httptrace.application.Application.new_number", stumbling)
    _, rows, defects = answer(worker(), [*exchange(0, 3), *exchange(10, 4)])
    assert rows == []
    assert [(event, stream) for event, stream, _ in defects] == [(1, 3), (11, 4)]
    assert defects[0][2].startswith("ZeroDivisionError: made for a test (stumbling:")


def test_what_is_held_is_told_and_never_more_than_may_be() -> None:
    work = Work("list", "jsonl", NO_FILTERS, bounds={"beginnings": 400})
    one = Worker({**work.settings(), "number": 0, "jobs": 1})
    answer(one, [exchange(0, 0)[0], (1, 0, b"GE", (4, 4_000, 0))])
    held = one.most()[0]
    assert 0 < held < 400
    assert one.most() == [held, 0, 0, 0, 0], "it is still held"
    with pytest.raises(ReadAlone):
        answer(one, [(2 + count, 0, b"", (5, 5_000, 0)) for count in range(9)])


def test_signs_are_given_while_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "WORKER_SIGN", 0.001)
    out, into = os.pipe()
    answers, works = Sender(into), Flag()
    Thread(target=give_signs, args=(works, answers), daemon=True).start()
    with open(out, "rb") as stream:
        answers.send(pack("idle"))
        assert receive(stream) == "idle"
        works.set()
        assert [receive(stream) for _ in range(3)] == [SIGN] * 3
        works.clear()
        answers.finish()
    os.close(into)


def test_settings_travel() -> None:
    work = Work("list", "table", {**NO_FILTERS, "host": ["a.example"]}, 132, True, True)
    before = current()
    try:
        use("zh")
        plain = unpack(pack(work.settings()))
        use("en")
        assert work_of(plain) == work
        assert current() == "zh"
    finally:
        use(before)


@pytest.mark.parametrize(
    ("evidence", "client"), [(None, 0), (0, 1), (1, 0)], ids=["no-evidence", "first-side", "other-side"]
)
def test_the_client_is_what_the_reader_says_of_each_evidence(evidence: int | None, client: int) -> None:
    connection = StandIn(0, KEYS)
    connection.know(None, None, 1)
    assert connection.client == 1
    counts = tuple(range(13))
    state = ((1, 2, 3, 4, "fin", False, None), "COMPLETE", (1, 0, 0), (counts, counts), None, None)
    connection.conclude(state)
    connection.evidence = evidence
    assert connection.client == client
    assert connection.sides[1].fin_offset == 12
