"""What comes out of coded bodies that are mislabelled, cut, damaged or hostile, and with which problem."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from httptrace.exchanges import coding
from httptrace.exchanges.coding import Problem, decoder
from httptrace.limits import CODINGS, KIB, MIB, REPLAY
from tests.exchanges.coders import ENCODERS, TRUTH, compress_bomb, raw_deflate, singly, split, undo, zstd

CODINGS_AND_ENCODERS = [pytest.param(name, encode, id=title) for name, title, encode in ENCODERS]
NAMES = ["gzip", "deflate", "br", "zstd", "compress"]
#: A short truth: the tests below go through every place in it.
SHORT = b"<html>" + b"<p>paragraph</p>" * 30 + random.Random(2).randbytes(200) + b"</html>"


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"plain text",
        b'{"json": [1, 2, 3], "more": "of it"}',
        b"<!DOCTYPE html><html><body>page</body></html>" * 40,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + random.Random(5).randbytes(900),
    ],
    ids=["one byte", "text", "json", "html", "png"],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_label_leaves_the_bytes_as_they_are(name, body):
    assert undo([name], [body]) == (body, Problem.MISLABELLED)
    assert undo([name], singly(body)) == (body, Problem.MISLABELLED)


@pytest.mark.parametrize(
    ("name", "encode", "label"),
    [
        pytest.param(name, encode, label, id=f"{title} as {label}")
        for name, title, encode in ENCODERS
        for label in NAMES
        if label != name.lower().removeprefix("x-")
    ],
)
def test_one_coding_under_the_label_of_another(name, encode, label):
    coded = encode(TRUTH)
    assert undo([label], [coded]) == (coded, Problem.MISLABELLED)


def test_an_unknown_coding_in_a_stack_leaves_the_bytes_as_they_are():
    coded = gzip.compress(TRUTH)
    for codings in (["quipu"], ["quipu", "gzip"], ["gzip", "quipu"]):
        assert undo(codings, split(coded, 1)) == (coded, Problem.UNKNOWN)


def test_a_stack_with_a_wrong_label_inside_leaves_the_bytes_as_they_are():
    coded = gzip.compress(TRUTH)
    assert undo(["zstd", "gzip"], split(coded, 1)) == (coded, Problem.MISLABELLED)
    assert undo(["gzip", "zstd"], split(coded, 1)) == (coded, Problem.MISLABELLED)


def test_too_many_codings_are_refused():
    assert undo(["gzip"] * (CODINGS + 1), [b"abc"]) == (b"abc", Problem.LIMIT)


@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_a_cut_at_every_byte_leaves_a_prefix_of_the_truth(name, encode):
    coded = encode(SHORT)
    before = 0
    for end in range(1, len(coded)):
        out, problem = undo([name], [coded[:end]], cut=True)
        assert problem is Problem.CUT, end
        assert SHORT.startswith(out), end
        assert len(out) >= before, end
        before = len(out)
    assert before >= len(SHORT) - 300  # what one last byte can hold back


@pytest.mark.parametrize(("name", "encode"), [row for row in CODINGS_AND_ENCODERS if "compress" not in row.id])
def test_missing_bytes_are_found_without_being_told(name, encode):
    assert undo([name], [encode(SHORT)[:-1]], cut=False)[1] is Problem.CUT


@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_behind_a_gap_nothing_is_decoded(name, encode):
    coded = encode(TRUTH)
    undoing = decoder([name])
    out = [*undoing.feed(coded[:1200])]
    undoing.gap()
    out += [*undoing.feed(coded[1300:]), *undoing.finish(cut=False)]
    decoded = b"".join(out)
    assert TRUTH.startswith(decoded)
    assert len(decoded) > 500
    assert undoing.problem is Problem.CUT


def test_a_gap_at_the_very_start():
    undoing = decoder(["gzip"])
    undoing.gap()
    assert [*undoing.feed(gzip.compress(TRUTH)), *undoing.finish(cut=False)] == []
    assert undoing.problem is Problem.CUT


def test_bytes_that_stay_as_they_are_go_on_behind_a_gap():
    undoing = decoder(["quipu"])
    out = [*undoing.feed(b"ab")]
    undoing.gap()
    out += [*undoing.feed(b"cd"), *undoing.finish(cut=False)]
    assert (b"".join(out), undoing.problem) == (b"abcd", Problem.UNKNOWN)


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("gzip", gzip.compress(TRUTH)[:-8] + b"wrong" + gzip.compress(TRUTH)[-3:]),
        ("gzip", gzip.compress(TRUTH)[:-4] + b"size"),
        ("deflate", zlib.compress(TRUTH)[:-4] + b"sum!"),
        ("zstd", zstd(TRUTH)[:-4] + b"sum!"),
        ("gzip", gzip.compress(b"")[:-1] + b"!"),
    ],
    ids=["gzip checksum", "gzip length", "zlib checksum", "zstd checksum", "gzip of nothing, length"],
)
@pytest.mark.parametrize("pieces", [lambda data: [data], singly, lambda data: split(data, 7)])
def test_a_wrong_checksum_does_not_undo_what_was_decoded(name, coded, pieces):
    expected = TRUTH if len(coded) > 100 else b""
    assert undo([name], pieces(coded)) == (expected, Problem.CHECKSUM)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("name", "encode"), [row for row in CODINGS_AND_ENCODERS if row.id != "any case"])
def test_damage_counts_up_to_there_in_any_split(name, encode, seed):
    coded = bytearray(encode(TRUTH))
    place = random.Random(seed).randrange(len(coded))
    coded[place] ^= 0xFF
    whole = undo([name], [bytes(coded)])
    assert undo([name], singly(bytes(coded))) == whole
    assert undo([name], split(bytes(coded), seed)) == whole


def test_damage_far_behind_the_last_checkpoint():
    content = b"".join(b"%x\n" % random.Random(number).getrandbits(64) for number in range(20_000))
    coded = bytearray(gzip.compress(content))
    coded[-5_000:-4_900] = bytes(100)
    out, problem = undo(["gzip"], split(bytes(coded), 1, cuts=40))
    assert problem in (Problem.DAMAGED, Problem.CHECKSUM)
    assert len(coded) > 2 * REPLAY
    assert out[:300_000] == content[:300_000]


@pytest.mark.parametrize("seed", range(80))
def test_random_bytes_raise_nothing_and_depend_on_no_split(seed):
    chance = random.Random(seed)
    name = NAMES[seed % len(NAMES)]
    signs = {"gzip": b"\x1f\x8b\x08\x00", "zstd": b"\x28\xb5\x2f\xfd", "compress": b"\x1f\x9d\x90"}
    body = signs.get(name, b"") + chance.randbytes(chance.randrange(400))
    whole = undo([name], [body])
    assert undo([name], singly(body)) == whole


def _large_zstd() -> bytes:
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join([packer.compress(bytes(MIB)) for _ in range(256)] + [packer.flush()])


def _large_brotli() -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join([packer.process(bytes(MIB)) for _ in range(64)] + [packer.finish()])


def _large_gzip() -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([packer.compress(bytes(MIB)) for _ in range(64)] + [packer.flush()])


@pytest.mark.parametrize(
    ("codings", "make"),
    [
        (["gzip"], _large_gzip),
        (["deflate"], lambda: raw_deflate(bytes(64 * MIB))),
        (["br"], _large_brotli),
        (["zstd"], _large_zstd),
        (["compress"], compress_bomb),
        (["zstd", "gzip"], lambda: gzip.compress(_large_zstd())),
    ],
    ids=["gzip", "deflate", "br", "zstd", "compress", "stack"],
)
def test_a_bomb_stops_at_the_bound_and_stays_small(codings, make):
    bomb, limit = make(), 16 * MIB
    undoing, size, largest = decoder(codings, limit), 0, 0
    tracemalloc.start()
    try:
        for piece in undoing.feed(bomb):
            size += len(piece)
            largest = max(largest, len(piece))
        size += sum(map(len, undoing.finish(cut=False)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, undoing.problem) == (limit, Problem.LIMIT)
    assert largest <= MIB
    assert peak < 8 * MIB


def test_a_bomb_between_two_codings_stops_too():
    inner = zlib.compressobj(9, wbits=31)  # of zlib data that is all empty blocks
    coded = inner.compress(b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * (2 * MIB)) + inner.flush()
    assert undo(["deflate", "gzip"], [coded], limit=MIB)[1] is Problem.LIMIT


def test_a_ratio_beyond_reason_stops_large_bodies(monkeypatch):
    monkeypatch.setattr(coding, "DECODED_FREE", 2 * MIB)
    out, problem = undo(["br"], [_large_brotli()])
    assert problem is Problem.LIMIT
    assert 2 * MIB <= len(out) < 16 * MIB


def test_a_header_without_end_is_given_up():
    body = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * (600 * KIB)  # a file name that never ends
    assert undo(["gzip"], split(body, 3, cuts=40)) == (body, Problem.LIMIT)


def test_a_zstd_window_beyond_reason_is_refused():
    body = b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([31 << 3]) + b"\x01\x00\x00"
    assert undo(["zstd"], [body]) == (body, Problem.LIMIT)


def test_brotli_that_cannot_bound_its_output(monkeypatch):
    real = brotli.Decompressor

    class Older:
        """Brotli 1.1: `process` has no limit, and fails when it is given data behind the end."""

        def __init__(self):
            self.real = real()

        def process(self, data):
            return self.real.process(data)

        def is_finished(self):
            return self.real.is_finished()

    newer = brotli.compress(TRUTH)
    monkeypatch.setattr("brotli.Decompressor", Older)
    assert undo(["br"], [newer]) == (TRUTH, None)
    assert undo(["br"], [newer + b"garbage"]) == (TRUTH, Problem.TRAILING)


@pytest.mark.parametrize(
    ("behind", "expected"),
    [(b"", None), (bytes(200), None), (b"garbage" * 20, Problem.TRAILING)],
    ids=["nothing", "zeros", "garbage"],
)
def test_brotli_longer_than_what_is_remembered(behind, expected):
    content = random.Random(4).randbytes(1_200_000) + b"end"
    out, problem = undo(["br"], split(brotli.compress(content, quality=1) + behind, 1, cuts=30))
    assert content.startswith(out)
    assert len(out) >= len(content) - 64
    assert problem in (
        expected,
        Problem.DAMAGED,
    )  # that something follows in the same slice is not told apart
