"""Bounds over all connections: where one is reached, one process reads again, and the output stays the same."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from httptrace.cli import bounds
from httptrace.limits import MIB, SPARE, STANDARD, Bounds, Rooms
from httptrace.pipeline import Analyzer, Options
from httptrace.workers.rooms import ReadAlone, WatchedRoom, WatchedRooms, check, of_worker
from tests.build import START_NS, Capture, chunked, conversation, get, head, ok, together
from tests.cli.command import CAPTURES, Command, Result
from tests.generate.conversation import batch
from tests.workers.local import LocalCrew

Same = Callable[..., Result]


# ---------------------------------------------------------------------- watching


def test_a_room_knows_the_most_that_was_taken() -> None:
    room = WatchedRoom(100)
    room.take(30)
    room.take(50)
    room.give_back(60)
    assert room.most() == 80
    assert room.most() == 20, "it is still held"
    room.give_back(20)
    assert (room.most(), room.most()) == (20, 0)


def test_nobody_is_refused() -> None:
    room = WatchedRoom(100)
    room.take(100)
    with pytest.raises(ReadAlone):
        room.take(1)


def test_a_bound_of_one_connection_counts_too() -> None:
    rooms = WatchedRooms(STANDARD)
    rooms.exchanges.refused += 1
    with pytest.raises(ReadAlone):
        rooms.most()


@pytest.mark.parametrize(("held", "within"), [((40, 60), True), ((41, 60), False), ((0, 100), True)])
def test_what_all_held_is_added_up(held: tuple[int, int], within: bool) -> None:
    most = [[0, 0, 0, one, 0] for one in held]
    try:
        check(Bounds(heads=100), most)
        assert within
    except ReadAlone:
        assert not within


def test_workers_together_hold_little_more_than_the_bounds() -> None:
    for jobs in (2, 7, 64):
        mine = of_worker(STANDARD, jobs)
        for name in ("beginnings", "decoders", "exchanges", "heads"):
            assert jobs * getattr(mine, name) <= getattr(STANDARD, name) + jobs * SPARE
        assert (mine.pipelined, mine.marks, mine.connections) == (10_000, STANDARD.marks, STANDARD.connections)
    assert of_worker(Bounds(heads=MIB), 3).heads == MIB


# ---------------------------------------------------------------------- reading again


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds may be as small as a test likes."""
    monkeypatch.setattr(bounds, "_LEAST_OCTETS", 1)
    monkeypatch.setattr(bounds, "_LEAST", {})


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A list that grows whenever one process begins to read."""
    begun: list[bool] = []
    proper = Analyzer.feed

    def feed(self: Analyzer, frames: Any) -> Iterator[int]:
        if type(self) is Analyzer:
            begun.append(True)
        return proper(self, frames)

    monkeypatch.setattr(Analyzer, "feed", feed)
    return begun


def hostile(seed: int) -> Capture:
    """Usual exchanges, among them connections of every kind that holds something in memory, all at the same time."""
    chance = random.Random(seed)
    kinds: list[Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]] = [
        lambda: ((get("/usual"), ok(b"x" * chance.randrange(3_000)), get("/again"), ok(b"y")), {}),
        lambda: (
            ([b"GET /slow HTTP/1.1\r\nCookie: " + b"c" * chance.randrange(900), b"d" * 300],),
            {"closing": "none"},
        ),
        lambda: (
            (get("/trailers"), [head(transfer_encoding="chunked"), chunked(b"z")[:-2] + b"X-T: " + b"t" * 400]),
            {},
        ),
        lambda: (([b"GE", b"T", b" "] * 3, [b"\x05", b"?"]), {"closing": "none"}),
        lambda: (([get(f"/pipelined/{number}") for number in range(chance.randrange(2, 30))], ok(b"p") * 2), {}),
        lambda: ((get("/gzip"), _cut(ok(gzip.compress(chance.randbytes(4_000)), content_encoding="gzip"), 700)), {}),
        lambda: ((get("/hole"), ok(b"h" * 8_000)), {"drop": [chance.randrange(5, 9)], "mss": 900}),
        lambda: ((get("/swapped"), ok(b"s" * 9_000)), {"swap": [(6, 9)], "repeat": [7], "mss": 900}),
        lambda: ((get("/large", cookie="l" * 5_000),), {"closing": "none"}),
    ]
    made = []
    for place in range(60):
        turns, options = (kinds[place] if place < len(kinds) else chance.choice(kinds))()
        start_ns = START_NS + chance.randrange(40) * 1_000_000
        made.append(conversation(*turns, client=("192.0.2.1", 40_000 + place), start_ns=start_ns, **options))
    return together(*made)


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]


OUTPUTS = {
    "list": ("list",),
    "list-jsonl": ("list", "--format", "jsonl"),
    "list-csv": ("list", "--format", "csv"),
    "filtered": ("list", "--format", "jsonl", "--url", "usual", "--since", "0.01"),
    "sorted": ("list", "--sort", "size", "--limit", "9"),
    "limited": ("list", "--format", "jsonl", "--limit", "12"),
    "streams": ("streams",),
    "streams-analysis": ("streams", "--format", "jsonl", "--analysis"),
    "audit": ("audit",),
    "audit-jsonl": ("audit", "--format", "jsonl"),
}

#: Each bound, so small that the hostile capture reaches it, and what is said then.
BOUNDS = {
    "heads=3000": "unfinished head",
    "beginnings=2000": "not recognised",
    "exchanges=30000": "given up early",
    "decoders=90000": "not decoded",
    "marks=3": "not remembered",
    "pipelined=5": "given up early",
    "waiting=3000": "out of their order",
    "connections=20": "closed early",
    "out-of-order=5000": "given up early",
    "out-of-order-each=1000": "given up early",
    "segments=4": "given up early",
    "heads=2000,beginnings=1500,exchanges=9000,decoders=50000,marks=5,connections=30": "closed early",
}


@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)], ids=lambda seed: f"seed{seed}")
def test_every_bound_and_every_output(same: Same, tmp_path: Path, seed: int, bound: str) -> None:
    path = hostile(seed).save(tmp_path / "hostile.pcap")
    said = []
    for place, (verb, *options) in enumerate(OUTPUTS.values()):
        jobs = (2, 3, 7) if place == 1 else ((2, 3, 7)[place % 3],)
        said.append(same(verb, path, *options, "--bounds", bound, jobs=jobs).err)
    assert BOUNDS[bound] in "".join(said)


@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("seed", range(8), ids=lambda seed: f"seed{seed}")
def test_any_bounds(same: Same, tmp_path: Path, seed: int) -> None:
    """Bounds drawn so that a total stays within them, reaches them late, or from the start."""
    chance = random.Random(seed)
    path = hostile(seed % 4 + 10).save(tmp_path / "hostile.pcap")
    standard = {"heads": 9_000, "beginnings": 9_000, "exchanges": 99_000, "decoders": 999_000, "marks": 60}
    drawn = ",".join(f"{name}={int(most * chance.random() ** 2) + 1}" for name, most in standard.items())
    verb, *options = chance.choice(list(OUTPUTS.values()))
    same(verb, path, *options, "--bounds", drawn, jobs=(chance.choice((2, 3, 7)),))


@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("name", ["first-page.pcap", "json-api.pcap"])
def test_captures_of_this_project(same: Same, name: str) -> None:
    assert (CAPTURES / name).exists()
    for bound in ("exchanges=1", "beginnings=1", "heads=1", "decoders=1", "marks=1"):
        same("list", name, "--format", "jsonl", "--bounds", bound, jobs=(2,))
        same("streams", name, "--format", "jsonl", "--analysis", "--bounds", bound, jobs=(3,))


@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("jobs", [2, 7])
@pytest.mark.parametrize("name", Rooms.__slots__)
def test_a_bound_that_is_just_reached(same: Same, tmp_path: Path, name: str, jobs: int) -> None:
    """All connections together held so much and no more: with that bound nobody is refused, with one less someone
    is, though no worker holds as much by itself."""
    capture = hostile(7)
    analyzer = Analyzer(Options(analysis=True))
    analyzer.rooms = WatchedRooms(STANDARD)
    analyzer.tracker.marks = analyzer.rooms.marks
    for _packets in analyzer.feed(capture.frames()):
        pass
    analyzer.finish()
    most = getattr(analyzer.rooms, name).most()
    path = capture.save(tmp_path / "hostile.pcap")
    for bound, refused in ((most, False), (most - 1, True)):
        options = ("--analysis", "--bounds", f"{name}={bound}")
        assert bool(same("streams", path, "--format", "jsonl", *options, jobs=(jobs,)).err) == refused


@pytest.mark.slow
@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("seed", range(2_000, 2_003), ids=lambda seed: f"seed{seed}")
def test_generated_conversations(same: Same, save: Any, seed: int) -> None:
    chance = random.Random(seed)
    path = save(batch(list(range(20 * seed, 20 * seed + 20))).records, "generated.pcapng")
    bound = ",".join(f"{name}={chance.randrange(1, 20_000)}" for name in ("exchanges", "heads", "beginnings", "marks"))
    for verb, *options in OUTPUTS.values():
        same(verb, path, *options, "--bounds", bound)


@pytest.mark.usefixtures("small", "local")
def test_rows_given_out_before_are_passed_over(same: Same, tmp_path: Path, alone: list[bool]) -> None:
    """The bound is reached behind many exchanges, of which most were printed by then."""
    usual = [
        conversation(
            get(f"/{place}"), ok(b"u"), client=("192.0.2.2", 50_000 + place), start_ns=START_NS + place * 10**8
        )
        for place in range(60)
    ]
    late = conversation(
        [b"GET / HTTP/1.1\r\nCookie: ", b"c" * 900, b"d"], client=("192.0.2.3", 50_000), start_ns=START_NS + 7 * 10**9
    )
    path = together(*usual, late).save(tmp_path / "late.pcap")
    within = same("list", path, "--format", "jsonl", "--bounds", "heads=2000", jobs=(2, 3))
    assert len(alone) == 1, "workers were enough"
    beyond = same("list", path, "--format", "jsonl", "--bounds", "heads=500", jobs=(2, 3))
    assert len(alone) == 4, "each time read again"
    assert LocalCrew.rounds > 20
    assert "1 unfinished head" in beyond.err
    assert within.lines[:60] == beyond.lines[:60]


@pytest.mark.usefixtures("small", "local")
def test_damage_is_said_once(same: Same, tmp_path: Path) -> None:
    data = hostile(3).pcap()
    path = tmp_path / "cut.pcap"
    path.write_bytes(data[: len(data) * 3 // 4])
    result = same("audit", path, "--format", "jsonl", "--bounds", "exchanges=20000")
    assert (result.status, result.err.count("at byte")) == (1, 1)


@pytest.mark.usefixtures("small", "local")
@pytest.mark.parametrize("limit", [1, 5, 9, 20, 33])
def test_what_is_read_behind_the_last_row_is_not_said(same: Same, tmp_path: Path, limit: int) -> None:
    """The reading process is ahead; bounds that it met there are none that one process would have met."""
    path = hostile(5).save(tmp_path / "hostile.pcap")
    for bound in ("connections=9", "out-of-order=2000", "connections=12,out-of-order-each=900,pipelined=9"):
        same("list", path, "--format", "jsonl", "--limit", limit, "--bounds", bound)


def test_worker_processes_are_ended_and_one_reads_on(command: Command, tmp_path: Path) -> None:
    slow = [
        conversation([get("/slow", cookie="c" * 7_000)[:-4]], client=("192.0.2.1", 40_000 + place), closing="none")
        for place in range(40)
    ]
    usual = conversation(*(turn for count in range(800) for turn in (get(f"/{count}"), ok(b"u" * 900))))
    path = together(usual, *slow).save(tmp_path / "slow.pcap")
    one = command("list", path, "--format", "jsonl", "--bounds", "heads=64k")
    two = command("list", path, "--format", "jsonl", "--bounds", "heads=64k", "--jobs", "2")
    assert "unfinished head" in one.err
    assert (two.status, two.stdout, two.err) == (one.status, one.stdout, one.err)


@pytest.mark.usefixtures("small", "local")
def test_who_looks_on_is_told(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = hostile(6).save(tmp_path / "hostile.pcap")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    given = ("list", path, "--format", "jsonl", "--bounds", "heads=500", "--jobs", "2")
    assert command(*given).err.count("reading again from the start, in one process") == 1
    assert "重新" in command(*given, "--lang", "zh").err
