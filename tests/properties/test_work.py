"""Twice the input, at most 2.5 times the work, whatever the shape of the input."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from httptrace.model import Frame
from httptrace.pipeline import Analyzer
from tests.build import conversation, get, ok
from tests.work import assert_linear


def reading(frames: list[Frame]) -> Callable[[], object]:
    def read() -> None:
        analyzer = Analyzer()
        for _ in analyzer.feed(iter(frames)):
            pass
        analyzer.finish()

    return read


def body(size: int) -> bytes:
    return b"x" * size


def shuffled(frames: list[Frame], seed: int) -> list[Frame]:
    """The same frames, those behind the first five in any order."""
    head, tail = frames[:5], frames[5:]
    random.Random(seed).shuffle(tail)
    return head + tail


def long_answer(size: int, mss: int) -> list[Frame]:
    return list(conversation(get("/"), ok(body(size * mss)), mss=mss).frames())


SHAPES: dict[str, Callable[[int], list[Frame]]] = {
    "one-octet-a-segment": lambda n: long_answer(n, 1),
    "segments-in-reverse-order": lambda n: (f := long_answer(n, 20))[:5] + f[:4:-1],
    "segments-in-any-order": lambda n: shuffled(long_answer(n, 20), 1),
    "every-segment-twice": lambda n: [frame for frame in long_answer(n, 50) for _ in (0, 1)],
    "exchanges-one-after-the-other": lambda n: list(
        conversation(*(turn for i in range(n) for turn in (get(f"/{i}"), ok(b"1")))).frames()
    ),
    "requests-in-one-go": lambda n: list(conversation(b"".join(get(f"/{i}") for i in range(n)), ok(b"1") * n).frames()),
    "chunks-of-one-octet": lambda n: list(
        conversation(
            get("/"), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * n + b"0\r\n\r\n"
        ).frames()
    ),
    "a-head-of-short-lines": lambda n: list(
        conversation(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * n + b"\r\n", ok(b"1")).frames()
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_input_is_about_twice_the_work(shape: str) -> None:
    assert_linear(lambda size: reading(SHAPES[shape](size)), 400)
