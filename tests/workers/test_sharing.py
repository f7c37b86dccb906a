"""However many workers share the work, the output is that of one process, byte for byte."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from httptrace import limits
from httptrace.application import Application
from httptrace.cli import bounds
from httptrace.exchanges.dialogue import Dialogue
from httptrace.tcp.halfstream import HalfStream
from tests.build import chunked, conversation, get, head, lost, ok, together
from tests.cli.command import CAPTURES, Command, Result
from tests.generate.conversation import batch
from tests.test_corpus import PEERS, needs_corpus
from tests.workers.local import LocalCrew

pytestmark = pytest.mark.usefixtures("local")

Same = Callable[..., Result]
OWN = sorted(path.name for path in CAPTURES.iterdir() if path.suffix in (".pcap", ".pcapng"))

#: Every kind of output that can be shared.
OUTPUTS = {
    "list": ("list",),
    "list-jsonl": ("list", "--format", "jsonl"),
    "list-csv": ("list", "--format", "csv"),
    "streams": ("streams",),
    "streams-jsonl": ("streams", "--format", "jsonl"),
    "streams-analysis": ("streams", "--format", "jsonl", "--analysis"),
    "audit": ("audit",),
    "audit-jsonl": ("audit", "--format", "jsonl"),
}


@pytest.mark.parametrize("name", OWN)
def test_the_captures_of_this_project(same: Same, name: str) -> None:
    same("list", name, "--format", "jsonl", jobs=(2, 7))
    same("streams", name, "--format", "jsonl", "--analysis", jobs=(3,))
    same("audit", name, "--format", "jsonl", jobs=(2,))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("seed", [1, 400], ids=lambda seed: f"seed{seed}")
def test_conversations_with_every_fault(same: Same, save: Any, seed: int, output: str) -> None:
    path = save(batch(list(range(seed, seed + 24))).records, "generated.pcapng")
    verb, *options = OUTPUTS[output]
    assert same(verb, path, *options).stdout


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("path", PEERS, ids=lambda path: path.name)
def test_the_reference_corpus(same: Same, path: Path) -> None:
    same("list", path, "--format", "jsonl")
    same("streams", path, "--format", "jsonl", "--analysis", jobs=(3,))
    same("audit", path, "--format", "jsonl", jobs=(2,))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1020), ids=lambda seed: f"seed{seed}")
def test_many_conversations(same: Same, save: Any, seed: int) -> None:
    path = save(batch(list(range(20 * seed, 20 * seed + 20))).records, "generated.pcapng")
    for verb, *options in OUTPUTS.values():
        same(verb, path, *options)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Sixty connections at the same time, in whose exchanges everything differs."""
    return together(
        *(
            conversation(
                get(f"/{place}/1"),
                ok(b"x" * place * 7),
                get(f"/{place}/2"),
                [head("200 OK", transfer_encoding="chunked", content_type="text/plain"), chunked(b"y" * 3000)],
                client=(f"192.0.2.{place}", 40_000 + place),
                server=("2001:db8::1" if place % 5 == 1 else "198.51.100.1", 80),
                rtt_ns=(1 + place * 7 % 60) * 1_000_000,
                drop=[6] if place % 9 == 1 else (),
                start_ns=1_700_000_000_000_000_000 + place % 4 * 3_000_000,
            )
            for place in range(1, 61)
            if place % 5 != 1
        )
    ).save(tmp_path / "many.pcap")


@pytest.mark.parametrize("output", OUTPUTS)
def test_silent_connections_whose_holes_end_by_the_packets_of_others(same: Same, tmp_path: Path, output: str) -> None:
    path = together(
        *(
            conversation(
                get(f"/{place}"),
                [head(content_length=9), lost(b"abc"), b"defghi"],
                [lost(get("/gone")), get(f"/{place}/behind")],
                ok(b"1"),
                client=("192.0.2.1", 40_000 + place),
                start_ns=1_700_000_000_000_000_000 + place * 70_000_000,
            )
            for place in range(30)
        )
    ).save(tmp_path / "silent.pcap")
    verb, *options = OUTPUTS[output]
    same(verb, path, *options)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="all"),
        pytest.param(("--limit", "7"), id="limit"),
        pytest.param(("--limit", "1"), id="limit-1"),
        pytest.param(("--sort", "size", "--limit", "9"), id="sort-limit"),
        pytest.param(("--sort", "url:desc"), id="sort-text"),
        pytest.param(("--sort", "no:desc", "--limit", "5"), id="sort-number"),
        pytest.param(("--url", "/7/"), id="filter"),
        pytest.param(("--url", "/nowhere/"), id="filter-none"),
        pytest.param(("--since", "0.05", "--until", "0.2"), id="relative-time"),
        pytest.param(("--stream", "3", "--stream", "40"), id="stream"),
        pytest.param(("--note", "content-gap"), id="note"),
    ],
)
@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_filters_order_and_limit(same: Same, many: Path, options: tuple[str, ...], form: str) -> None:
    same("list", many, "--format", form, *options)


@pytest.mark.parametrize("columns", [80, 130, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_of_any_width_and_language(same: Same, many: Path, columns: int, language: str) -> None:
    same("list", many, "--lang", language, columns=columns)
    same("streams", many, "--lang", language, columns=columns)


def test_colours(same: Same, command: Command, many: Path) -> None:
    command.as_terminal()
    assert b"\x1b[" in same("list", many).stdout
    assert b"\x1b[" in same("streams", many).stdout


# ---------------------------------------------------------------------- bounds


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds may be as small as a test likes."""
    monkeypatch.setattr(bounds, "_LEAST_OCTETS", 1)


@pytest.mark.usefixtures("small")
def test_records_that_wait_too_long(same: Same, many: Path) -> None:
    in_order = same("list", many, "--format", "jsonl", jobs=())
    assert same("list", many, "--format", "jsonl", "--bounds", "waiting=2000").stdout != in_order.stdout


def test_open_connections(same: Same, many: Path) -> None:
    for verb in ("list", "streams"):
        assert "closed early" in same(verb, many, "--format", "jsonl", "--bounds", "connections=10").err


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("bound", ["out-of-order", "out-of-order-each"])
def test_bytes_held_behind_holes(same: Same, tmp_path: Path, bound: str) -> None:
    holes = [
        conversation(
            get(f"/{place}"),
            ok(b"z" * 9_000),
            client=("192.0.2.1", 40_000 + place),
            drop=[5 + place % 3],
            closing="none",
        )
        for place in range(20)
    ]
    path = together(*holes).save(tmp_path / "holes.pcap")
    result = same("list", path, "--format", "jsonl", "--bounds", f"{bound}=4000")
    assert "given up early" in result.err
    assert b"store-limit" in result.stdout


def test_rounds_under_way_are_bounded(same: Same, many: Path, local: type[LocalCrew]) -> None:
    same("list", many, "--format", "jsonl", jobs=(3,))
    assert local.rounds > 2 * limits.ROUNDS, "there were enough of them for the bound to matter"
    assert local.most_under_way == limits.ROUNDS


def test_the_end_of_a_capture_comes_in_rounds_too(same: Same, tmp_path: Path, local: type[LocalCrew]) -> None:
    """Hundreds of connections that end all at once, because the capture does."""
    left_open = (conversation(get("/"), client=("192.0.2.1", 40_000 + place), closing="none") for place in range(300))
    same("list", together(*left_open).save(tmp_path / "open.pcap"), "--format", "jsonl", jobs=(2,))
    assert local.largest < 300


# ---------------------------------------------------------------------- who is the client


@pytest.mark.parametrize("begin", [pytest.param(4, id="no-handshake"), pytest.param(1, id="handshake")])
@pytest.mark.parametrize("ports", [(80, 50_000), (50_000, 80)], ids=["odd-ports", "usual-ports"])
def test_the_client_is_known_by_what_http_shows(same: Same, tmp_path: Path, begin: int, ports: tuple[int, int]) -> None:
    capture = conversation(
        get("/"), ok(), begin=begin, client=("192.0.2.1", ports[0]), server=("198.51.100.1", ports[1])
    )
    result = same("streams", capture.save(tmp_path / "one.pcap"), "--format", "jsonl", "--analysis", jobs=(2,))
    assert [record["client"]["port"] for record in result.records] == [ports[0]]
    same("audit", tmp_path / "one.pcap", "--format", "jsonl", jobs=(2,))


# ---------------------------------------------------------------------- damage, defects, sources


def test_damage_comes_behind_what_was_before_it(same: Same, many: Path, tmp_path: Path) -> None:
    data = many.read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(data[: len(data) * 2 // 3])
    for options in ((), ("--limit", "5"), ("--limit", "60")):
        same("list", cut, "--format", "jsonl", *options)
    assert same("streams", cut, "--format", "jsonl").status == 1
    assert same("audit", cut, "--format", "jsonl").status == 1


def test_no_capture_at_all(same: Same, tmp_path: Path) -> None:
    (tmp_path / "no.pcap").write_bytes(b"nothing of the kind")
    assert same("list", tmp_path / "no.pcap", "--format", "jsonl").status == 2
    assert same("list", tmp_path / "missing.pcap").status == 2


def test_a_capture_without_packets(same: Same, many: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.pcap").write_bytes(many.read_bytes()[:24])
    for verb, *options in OUTPUTS.values():
        same(verb, tmp_path / "empty.pcap", *options)


def test_several_files_and_a_compressed_one(same: Same, many: Path, tmp_path: Path) -> None:
    (tmp_path / "many.pcap.gz").write_bytes(gzip.compress(many.read_bytes()))
    same("list", tmp_path / "many.pcap.gz", "first-page.pcap", "json-api.pcap", "--format", "jsonl")


def test_standard_input_is_read_by_one_process(
    command: Command, many: Path, monkeypatch: pytest.MonkeyPatch, local: type[LocalCrew]
) -> None:
    outputs = set()
    for jobs in ("1", "3"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(many.read_bytes())))
        outputs.add(command("list", "-", "--format", "jsonl", "--jobs", jobs).stdout)
    assert len(outputs) == 1
    assert not local.rounds


@pytest.fixture
def stumbles(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], bool]], None]:
    """Makes a program that stumbles over the exchanges of some streams."""

    def make(streams: Callable[[int], bool]) -> None:
        proper = Application.new_number

        def stumbling(self: Application) -> int:
            if streams(self.stream):
                raise ZeroDivisionError("made for a test")
            return proper(self)

        monkeypatch.setattr(Application, "new_number", stumbling)

    return make


def test_a_defect_above_tcp(same: Same, many: Path, stumbles: Callable[[Callable[[int], bool]], None]) -> None:
    stumbles(lambda stream: stream % 8 == 3)
    result = same("list", many, "--format", "jsonl")
    assert result.status == 3
    assert result.err.count("ZeroDivisionError: made for a test") == 6
    assert same("list", many, "--limit", "20").status == 0, "reading stopped before the end"
    same("streams", many, "--format", "jsonl")


def test_more_defects_than_are_named(same: Same, many: Path, stumbles: Callable[[Callable[[int], bool]], None]) -> None:
    stumbles(lambda _stream: True)
    assert same("list", many, "--format", "jsonl").err.count("ZeroDivisionError") == limits.DEFECTS


def test_a_defect_at_the_end_of_a_connection(same: Same, many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proper = Dialogue.finish

    def stumbling(self: Dialogue) -> None:
        if self.host.stream == 5:
            raise ZeroDivisionError("made for a test")
        proper(self)

    monkeypatch.setattr(Dialogue, "finish", stumbling)
    assert same("streams", many, "--format", "jsonl").err.count("stream 5: ZeroDivisionError") == 1


@pytest.fixture
def stumbles_in_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stumbles over segments behind a hole."""

    def stumbling(*_arguments: object) -> None:
        raise ZeroDivisionError("made for a test")

    monkeypatch.setattr(HalfStream, "_arrives_ahead", stumbling)


@pytest.mark.usefixtures("stumbles_in_tcp")
def test_a_defect_in_tcp(same: Same, tmp_path: Path) -> None:
    holes = (
        conversation(
            *(get(f"/{place}"), ok(b"x" * 5_000)),
            client=("192.0.2.1", 40_000 + place),
            drop=[5] if place % 2 else (),
        )
        for place in range(12)
    )
    result = same("list", together(*holes).save(tmp_path / "holes.pcap"), "--format", "jsonl")
    assert result.status == 3
    assert result.err.count("ZeroDivisionError: made for a test (stumbling:") == 6
    assert len(result.records) == 6


@pytest.mark.usefixtures("stumbles_in_tcp")
def test_a_defect_in_tcp_leaves_an_open_exchange_unsaid(same: Same, tmp_path: Path) -> None:
    capture = together(
        conversation(get("/0"), ok(b"x" * 5_000), drop=[5]), conversation(get("/1"), client=("192.0.2.1", 40_001))
    )
    result = same("list", capture.save(tmp_path / "two.pcap"), "--format", "jsonl", jobs=(2,))
    assert [record["request"]["target"] for record in result.records] == ["/1"]
