"""What read a connection is freed when that is over, without the garbage collector: with a million short connections,
that would take most of the time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

from httptrace.application import Application
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.plain import PlainDialogue, PlainRequests
from httptrace.http.http1 import MessageReader
from httptrace.pipeline import Options
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from tests.exchanges.talking import ACK, CLIENT, FIN, SERVER, Talk
from tests.tcp.wire import RST, SYN

KINDS = (Application, Connection, Dialogue, MessageReader, PlainDialogue, PlainRequests)

GET = b"GET /a HTTP/1.1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> int:
    return sum(isinstance(each, KINDS) for each in gc.get_objects())


def plainly(one: Talk) -> None:
    one.say(CLIENT, GET).say(SERVER, OK)


def inside_the_response(one: Talk) -> None:
    one.say(CLIENT, GET).say(SERVER, OK[:-1])


def inside_the_request(one: Talk) -> None:
    one.say(CLIENT, GET[:-2] + b"Content-Length: 9\r\n\r\nabc")


def grown_and_back(one: Talk) -> None:
    one.say(CLIENT, GET).say(SERVER, b"HTTP/1.1 100 Continue\r\n\r\n" + OK).say(CLIENT, GET)


def not_http_any_more(one: Talk) -> None:
    one.say(CLIENT, GET).say(SERVER, OK + b"what is this?\r\n").say(CLIENT, b"\0\0\0")


def closes(one: Talk) -> None:
    one.close()


def is_reset(one: Talk) -> None:
    one.segment(SERVER, one.sent[SERVER], flags=RST | ACK)
    one.finish()


def capture_ends(one: Talk) -> None:
    one.finish()


def expires(one: Talk) -> None:
    assert one.analyzer.expire(1 << 62) == 1
    one.finish()


def port_is_taken(one: Talk) -> None:
    one.segment(CLIENT, 1_000_000, flags=SYN)
    one.segment(CLIENT, 1_000_001, flags=FIN | ACK)
    one.finish()


def meets_a_defect(one: Talk) -> None:
    one.analyzer.tracker.defect(one.analyzer.connection(0), ZeroDivisionError())
    one.finish()


@pytest.mark.parametrize("ends", [closes, is_reset, capture_ends, expires, port_is_taken, meets_a_defect])
@pytest.mark.parametrize("says", [plainly, inside_the_response, inside_the_request, grown_and_back, not_http_any_more])
def test_nothing_stays_behind(says: Callable[[Talk], None], ends: Callable[[Talk], None]) -> None:
    one = Talk(Options(contain=True))
    before = alive()
    one.open()
    says(one)
    assert alive() > before
    ends(one)
    assert alive() == before


def test_a_connection_that_is_let_go_keeps_no_directions() -> None:
    """The tracker finds it among the idle ones for some thousand connections more."""
    one = Talk()
    for round_ in range(50):
        one.segment(CLIENT, 1_000_000 * round_, flags=SYN)  # takes the port of the one before
    assert sum(isinstance(each, HalfStream) for each in gc.get_objects()) == 2
    assert sum(isinstance(each, Connection) for each in gc.get_objects()) == 50
    one.finish()
