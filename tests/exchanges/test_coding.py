"""Every content coding is undone, whatever the pieces it comes in; what is no error stays without a note."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
import zstandard

from httptrace import notes
from httptrace.exchanges.coding import Problem, decoder, parse_codings
from httptrace.limits import CODINGS
from tests.exchanges.coders import ENCODERS, TRUTH, raw_deflate, singly, split, undo, zstd

CODINGS_AND_ENCODERS = [pytest.param(name, encode, id=title) for name, title, encode in ENCODERS]
WITH_AN_END = [row for row in CODINGS_AND_ENCODERS if "compress" not in row.id]


@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_whole(name, encode):
    assert undo([name], [encode(TRUTH)]) == (TRUTH, None)


@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_byte_by_byte(name, encode):
    assert undo([name], singly(encode(TRUTH))) == (TRUTH, None)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_any_split(name, encode, seed):
    assert undo([name], split(encode(TRUTH), seed)) == (TRUTH, None)


@pytest.mark.parametrize("content", [b"", b"x", bytes(40)], ids=["nothing", "one byte", "zeros"])
@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_small_content(name, encode, content):
    assert undo([name], [encode(content)]) == (content, None)
    assert undo([name], singly(encode(content))) == (content, None)


@pytest.mark.parametrize(("name", "encode"), CODINGS_AND_ENCODERS)
def test_large_content_in_bounded_pieces(name, encode):
    zeros = 100_000 if "compress" in name else 3_000_000  # that encoder is written in Python
    content = random.Random(1).randbytes(50_000) + bytes(zeros) + b"end"
    undoing = decoder([name])
    pieces = [*undoing.feed(encode(content)), *undoing.finish(cut=False)]
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 1024 * 1024
    assert undoing.problem is None


@pytest.mark.parametrize(
    ("codings", "encoders"),
    [
        (["gzip", "br"], [gzip.compress, brotli.compress]),
        (["br", "gzip"], [brotli.compress, gzip.compress]),
        (["gzip", "gzip"], [gzip.compress, gzip.compress]),
        (["deflate", "identity", "zstd"], [raw_deflate, zstd]),
        (["zstd", "gzip", "deflate", "br"], [zstd, gzip.compress, zlib.compress, brotli.compress]),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value[0], str) else "",
)
def test_a_stack_is_undone_from_the_last_coding(codings, encoders):
    coded = TRUTH
    for encode in encoders:
        coded = encode(coded)
    assert undo(codings, [coded]) == (TRUTH, None)
    assert undo(codings, singly(coded)) == (TRUTH, None)


@pytest.mark.parametrize("codings", [[], ["identity"], ["Identity", "identity"], [""]], ids=str)
def test_identity_needs_no_decoder(codings):
    assert decoder(codings) is None


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "compress", "quipu"])
@pytest.mark.parametrize("cut", [False, True])
def test_an_empty_body_is_no_error(name, cut):
    assert undo([name], [], cut) == (b"", None)
    assert undo([name], [b""], cut) == (b"", None)


def test_gzip_members_follow_one_another():
    coded = gzip.compress(TRUTH) + gzip.compress(b"") + gzip.compress(b"more")
    assert undo(["gzip"], [coded]) == (TRUTH + b"more", None)
    assert undo(["gzip"], singly(coded)) == (TRUTH + b"more", None)


def test_many_empty_members_are_linear():
    assert undo(["gzip"], [gzip.compress(b"x") + gzip.compress(b"") * 20_000]) == (b"x", None)


def test_zstd_frames_follow_one_another_and_skippable_ones_are_skipped():
    skippable = b"\x5a\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    empty = b"\x50\x2a\x4d\x18" + bytes(4)
    coded = skippable + zstd(TRUTH) + empty + zstandard.compress(b"more") + skippable
    assert undo(["zstd"], [coded]) == (TRUTH + b"more", None)
    assert undo(["zstd"], singly(coded)) == (TRUTH + b"more", None)


def test_a_raw_deflate_body_that_begins_like_zlib():
    # A stored block (first three bits 0) whose padding and length happen to be 78 01: 1 + 256 * n bytes.
    content = b"s" * 0x0001
    stored = b"\x78" + b"\x01\x00\xfe\xff" + content + raw_deflate(b"rest")
    assert (stored[0] << 8 | stored[1]) % 31 == 0
    assert undo(["deflate"], [stored]) == (b"srest", None)
    assert undo(["deflate"], singly(stored)) == (b"srest", None)


@pytest.mark.parametrize("padding", [1, 3, 4, 512], ids=lambda size: f"{size} zeros")
@pytest.mark.parametrize(("name", "encode"), WITH_AN_END)
def test_zeros_behind_the_end_are_padding(name, encode, padding):
    coded = encode(TRUTH) + bytes(padding)
    assert undo([name], [coded]) == (TRUTH, None)
    assert undo([name], singly(coded)) == (TRUTH, None)


@pytest.mark.parametrize("behind", [b"g", b"\x1f", b"\x1f\x8b", b"garbage and more of it", bytes(5) + b"x"], ids=repr)
@pytest.mark.parametrize(("name", "encode"), WITH_AN_END)
def test_what_decoded_counts_when_garbage_follows(name, encode, behind):
    coded = encode(TRUTH) + behind
    expected = Problem.TRAILING
    if name.lower() in ("gzip", "x-gzip") and behind == b"\x1f\x8b":
        expected = Problem.CUT  # another member's beginning
    assert undo([name], [coded]) == (TRUTH, expected)
    assert undo([name], singly(coded)) == (TRUTH, expected)


def test_note_of_each_problem():
    undoing = decoder(["quipu"])
    code, template, values = undoing.note()
    assert code == notes.CONTENT_CODING_ERROR
    assert "quipu" in template.format(**values)
    many = decoder(["gzip"] * (CODINGS + 1))
    assert many.note()[0] == notes.DECODE_LIMIT
    assert decoder(["gzip"]).note() is None


@pytest.mark.parametrize(
    ("values", "codings"),
    [
        (None, []),
        ("", []),
        ("gzip", ["gzip"]),
        ("GZIP , Br", ["gzip", "br"]),
        (",, gzip,\t,br,", ["gzip", "br"]),
        ("x-gzip", ["x-gzip"]),
        ("identity", ["identity"]),
        ("gzip;q=1", ["gzip;q=1"]),
    ],
    ids=repr,
)
def test_content_encoding_is_a_list(values, codings):
    assert parse_codings(values) == codings
