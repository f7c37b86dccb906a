"""pcapng files: every block, both byte orders, clocks, sections (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

from pathlib import Path

import pytest

from httptrace.capture import facts
from httptrace.capture.facts import Interface
from httptrace.capture.open import open_capture
from tests.capture.captures import BEGIN, SECOND, Section, Seen, mixed_pcapng, read, read_to_damage, seen

TICKS = BEGIN // 1000
ORDERS = [pytest.param("<", id="little-endian"), pytest.param(">", id="big-endian")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it.pcapng"


@pytest.mark.parametrize("order", ORDERS)
def test_every_kind_of_block(path: Path, order: str) -> None:
    path.write_bytes(mixed_pcapng(order))
    with open_capture(str(path)) as capture:
        assert capture.kind == "pcapng"
        assert [seen(frame) for frame in capture.frames()] == [
            (b"first", 5, BEGIN, 1),
            (b"second!!", 8, BEGIN, 1),  # a Simple Packet Block takes the time before it
            (b"third", 5, BEGIN + 5000, 1),
            (b"", 60, BEGIN + 9000, 1),
        ]
        assert capture.secrets == [b"CLIENT_RANDOM 00 11\n"]
        assert capture.interfaces == [Interface(1, 65_535, "eth0", 1_000_000)]
        assert capture.drops == 3
        assert capture.bytes_read == path.stat().st_size


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("options", "ticks", "time_ns"),
    [
        pytest.param({}, 1_500_000, 1_500_000_000, id="microseconds-unless-told"),
        pytest.param({9: b"\x06"}, 7, 7_000, id="10^-6"),
        pytest.param({9: b"\x09"}, 2**40 + 7, 2**40 + 7, id="10^-9"),
        pytest.param({9: b"\x00"}, 7, 7 * SECOND, id="whole-seconds"),
        pytest.param({9: b"\x03"}, 1_700_000_000_123, 1_700_000_000_123_000_000, id="10^-3"),
        pytest.param({9: b"\x0c"}, 1_999_999, 1_999, id="picoseconds-are-rounded-down"),
        pytest.param({9: b"\x8a"}, 1024 + 512, SECOND + SECOND // 2, id="2^-10"),
        pytest.param({9: b"\xa0"}, (7 << 32) + 1, 7 * SECOND, id="2^-32"),
        pytest.param({9: b"\xff"}, 2**63, 0, id="2^-127"),
        pytest.param({9: b"\x7f"}, 2**63, 0, id="10^-127"),
        pytest.param({9: b"\x00"}, 2**64 - 1, 2**63 - 1, id="beyond-2262-is-2262"),
    ],
)
def test_clock_resolution(path: Path, order: str, options: dict[int, bytes], ticks: int, time_ns: int) -> None:
    section = Section(order)
    path.write_bytes(section.header() + section.interface(options=options) + section.enhanced(ticks, b"a"))
    assert read(path) == [(b"a", 1, time_ns, 1)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("offset", "time_ns"),
    [
        pytest.param(1_700_000_000, BEGIN + 7000, id="seconds-are-added"),
        pytest.param(-3600, -3600 * SECOND + 7000, id="it-is-signed"),
        pytest.param(2**63 - 1, 2**63 - 1, id="beyond-2262-is-2262"),
        pytest.param(-(2**63), -(2**63), id="before-1677-is-1677"),
    ],
)
def test_clock_offset(path: Path, order: str, offset: int, time_ns: int) -> None:
    section = Section(order)
    interface = section.interface(options={14: section.pack("q", offset)})
    path.write_bytes(section.header() + interface + section.enhanced(7, b"a"))
    assert read(path) == [(b"a", 1, time_ns, 1)]


def test_interfaces_have_their_own_clock_and_link_type(path: Path) -> None:
    section = Section()
    path.write_bytes(
        section.header()
        + section.interface(1)
        + section.interface(113, options={9: b"\x09"})
        + section.enhanced(1, b"a", 0)
        + section.enhanced(1, b"b", 1)
        + section.enhanced(2, b"c", 1)
        + section.interface(101)
        + section.enhanced(3, b"d", 2)
        + section.enhanced(4, b"e", 0)
    )
    expected = [
        (b"a", 1, 1000, 1),
        (b"b", 1, 1, 113),
        (b"c", 1, 2, 113),
        (b"d", 1, 3000, 101),
        (b"e", 1, 4000, 1),
    ]
    assert read(path) == expected


def test_sections_have_their_own_byte_order_and_interfaces(path: Path) -> None:
    little, big = Section("<"), Section(">")
    path.write_bytes(
        little.header()
        + little.interface(1)
        + little.enhanced(1, b"a")
        + big.header()
        + big.interface(113)
        + big.enhanced(2, b"b")
        + little.header()
        + little.interface(101)
        + little.enhanced(3, b"c")
    )
    assert read(path) == [(b"a", 1, 1000, 1), (b"b", 1, 2000, 113), (b"c", 1, 3000, 101)]


def test_an_interface_of_the_section_before_is_unknown(path: Path) -> None:
    section = Section()
    begin = section.header() + section.interface() + section.enhanced(1, b"a")
    path.write_bytes(begin + section.header() + section.enhanced(2, b"b"))
    frames, damage = read_to_damage(path)
    assert [frame[0] for frame in frames] == [b"a"]
    assert damage is not None
    assert damage.offset == len(begin) + 28
    assert "interface 0, but the section has described 0" in damage.problem


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("snap_length", "wire", "expected"),
    [
        pytest.param(0, 6, (b"abcdef", 6), id="no-snap-length"),
        pytest.param(100, 6, (b"abcdef", 6), id="shorter-than-the-snap-length"),
        pytest.param(6, 1500, (b"abcdef", 1500), id="cut-at-the-snap-length"),
    ],
)
def test_simple_packet(path: Path, order: str, snap_length: int, wire: int, expected: tuple[bytes, int]) -> None:
    section = Section(order)
    begin = section.header() + section.interface(1, snap_length)
    path.write_bytes(begin + section.simple(b"abcdef", wire))
    assert [(frame[0], frame[1], frame[2]) for frame in read(path)] == [(*expected, 0)]


def test_wire_length_below_captured(path: Path) -> None:
    section = Section()
    packets = section.enhanced(1, b"abc", wire=1) + section.obsolete(1, b"abc", wire=1)
    path.write_bytes(section.header() + section.interface() + packets)
    assert [frame[1] for frame in read(path)] == [3, 3]


def test_statistics_count_the_last_word_of_each_interface(path: Path) -> None:
    section = Section()
    counts = [section.statistics(0, 5), section.statistics(1, 7), section.statistics(0, 6)]
    path.write_bytes(section.header() + section.interface() * 2 + b"".join(counts))
    with open_capture(str(path)) as capture:
        assert list(capture.frames()) == []
        assert capture.drops == 13


def test_secrets_of_other_kinds_are_left(path: Path) -> None:
    section = Section()
    path.write_bytes(section.header() + section.secrets(b"wireguard", 0x57474B4C) + section.secrets(b"tls"))
    with open_capture(str(path)) as capture:
        assert list(capture.frames()) == []
        assert capture.secrets == [b"tls"]


def test_secrets_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SECRETS", 10)
    section = Section()
    path.write_bytes(section.header() + section.secrets(b"12345678") + section.secrets(b"abcdef") * 2)
    with open_capture(str(path)) as capture:
        assert list(capture.frames()) == []
        assert capture.secrets == [b"12345678"]
        assert len(capture.facts.remarks) == 1


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(b"\x02\x00\xff\xffeth0", id="an-option-longer-than-the-block"),
        pytest.param(b"\x09\x00\x02\x00\x09\x09\x00\x00", id="a-resolution-of-two-bytes"),
        pytest.param(b"\x0e\x00\x04\x00\x01\x00\x00\x00", id="an-offset-of-four-bytes"),
        pytest.param(b"\x00\x00\x00\x00\x09\x00\x01\x00\x09\x00\x00\x00", id="an-option-behind-the-last"),
    ],
)
def test_odd_options_change_nothing(path: Path, options: bytes) -> None:
    section = Section()
    interface = section.block(1, section.pack("HHI", 1, 0, 0) + options)
    path.write_bytes(section.header() + interface + section.enhanced(7, b"a"))
    assert read(path) == [(b"a", 1, 7000, 1)]


def big_file() -> tuple[bytes, list[Seen]]:
    section = Section()
    content = section.header() + section.interface()
    expected: list[Seen] = []
    for at, size in enumerate((60, 500, 0, 1514, 3, 70_000, 60)):
        packet = bytes([at]) * size
        content += section.enhanced(at, packet) + section.custom(bytes(at * 400)) + section.statistics(0, at)
        expected.append((packet, size, at * 1000, 1))
    return content, expected


@pytest.mark.parametrize("block_size", [12, 33, 100, 1000, 65536])
def test_any_block_size_gives_the_same(path: Path, block_size: int) -> None:
    content, expected = big_file()
    path.write_bytes(content)
    with open_capture(str(path), block_size=block_size) as capture:
        assert [seen(frame) for frame in capture.frames()] == expected
        assert capture.drops == 6


def test_a_huge_unknown_block_is_not_read(path: Path) -> None:
    section = Section()
    with path.open("wb") as file:
        file.write(section.header() + section.interface())
        length = section.pack("I", 300_000_000)
        file.write(section.pack("I", 0x7777) + length)
        file.seek(300_000_000 - 12, 1)  # a hole in the file
        file.write(length + section.enhanced(1, b"behind"))
    assert [frame[0] for frame in read(path)] == [b"behind"]
