"""Content codings as servers really send them, right and wrong (RFC 9110 §8.4)."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from tests.build import chunked as in_chunks
from tests.build import conversation, get, head, ok
from tests.generate import coding

from .reading import body, codes, holds, read

TEXT = b"".join(b"line %d of a text that repeats itself\n" % number for number in range(200))
BAD = {"content-coding-error", "bad-framing", "truncated", "content-gap"}


def coded(*codings: str, content: bytes = TEXT) -> bytes:
    return coding.apply_all(list(codings), content, random.Random(2))


@pytest.mark.parametrize(
    ("label", "sent"),
    [
        pytest.param("gzip", gzip.compress(TEXT), id="gzip"),
        pytest.param("x-gzip", gzip.compress(TEXT), id="x-gzip"),
        pytest.param("GZip", gzip.compress(TEXT), id="label-in-any-case"),
        pytest.param("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), id="multi-member-gzip"),
        pytest.param(
            "gzip",
            gzip.compress(TEXT[:100]) + gzip.compress(b"") + gzip.compress(TEXT[100:]),
            id="empty-member",
        ),
        pytest.param("deflate", zlib.compress(TEXT), id="deflate-as-zlib"),
        pytest.param("deflate", coding.raw_deflate(TEXT), id="deflate-raw"),
        pytest.param("br", coded("br"), id="br"),
        pytest.param("zstd", coded("zstd"), id="zstd"),
        pytest.param("compress", coded("compress"), id="compress"),
        pytest.param("x-compress", coded("compress"), id="x-compress"),
        pytest.param("gzip, br", coded("gzip", "br"), id="gzip-then-br"),
        pytest.param("br,gzip , zstd", coded("br", "gzip", "zstd"), id="three-of-them"),
        pytest.param("identity", TEXT, id="identity"),
        pytest.param("identity, gzip", gzip.compress(TEXT), id="identity-in-a-stack"),
    ],
)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_coding_is_undone(label: str, sent: bytes, framing: str) -> None:
    if framing == "length":
        answer = ok(sent, content_encoding=label)
    elif framing == "chunked":
        pieces = [sent[at : at + 100] for at in range(0, len(sent), 100)]
        answer = head(transfer_encoding="chunked", content_encoding=label) + in_chunks(*pieces)
    else:
        answer = head(content_encoding=label) + sent
    (one,) = read(conversation(get("/a"), answer))
    assert body(one) == holds(TEXT)
    assert one["response"]["body"]["size"] == len(sent)
    assert one["response"]["body"]["encoding"] == label.lower()
    assert not codes(one) & BAD


@pytest.mark.parametrize(
    ("label", "sent", "content"),
    [
        pytest.param("gzip", TEXT, TEXT, id="gzip-that-is-none"),
        pytest.param("br", b"\xff\xfe" * 50, b"\xff\xfe" * 50, id="br-that-is-none"),
        pytest.param("zstd", TEXT, TEXT, id="zstd-that-is-none"),
        pytest.param("frobnicate", TEXT, TEXT, id="unknown-coding"),
    ],
)
def test_what_cannot_be_undone_is_kept_as_it_is(label: str, sent: bytes, content: bytes) -> None:
    (one,) = read(conversation(get("/a"), ok(sent, content_encoding=label)))
    assert body(one) == holds(content)
    assert codes(one) & BAD == {"content-coding-error"}
    assert one["response"]["complete"]


def test_wrong_checksum_counts_as_decoded() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 0xFF
    (one,) = read(conversation(get("/a"), ok(bytes(packed), content_encoding="gzip")))
    assert body(one) == holds(TEXT)
    assert codes(one) & BAD == {"content-coding-error"}


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd"])
def test_cut_content_is_decoded_as_far_as_it_goes(label: str) -> None:
    content = random.Random(1).randbytes(40_000)
    packed = coded(label, content=content)
    (one,) = read(conversation(get("/a"), ok(packed[:30_000], content_encoding=label)))
    size = one["response"]["body"]["decoded_size"]
    assert codes(one) & BAD == {"content-coding-error"}
    assert 0 < size <= 30_100
    if label in ("gzip", "deflate"):
        assert body(one) == holds(content[:size])


def test_empty_coded_body_earns_no_note() -> None:
    (one,) = read(conversation(get("/a"), ok(b"", content_encoding="gzip")))
    assert (
        one["response"]["body"] | {"encoding": "gzip", "size": 0, "decoded_size": 0, "sha256": None}
        == (one["response"]["body"])
    )
    assert not codes(one) & BAD


def test_several_lines_of_content_encoding_are_one_list() -> None:
    packed = coded("gzip", "br")
    answer = ok(packed, content_encoding="gzip").replace(b"ing: gzip\r\n", b"ing: gzip\r\nContent-Encoding: br\r\n")
    (one,) = read(conversation(get("/a"), answer))
    assert body(one) == holds(TEXT)
    assert one["response"]["body"]["encoding"] == "gzip, br"


def test_transfer_encoding_gzip_is_undone_and_size_counts_behind_it() -> None:
    answer = head(transfer_encoding="gzip, chunked") + in_chunks(gzip.compress(TEXT))
    (one,) = read(conversation(get("/a"), answer))
    assert body(one) == holds(TEXT)
    assert one["response"]["body"]["size"] == len(TEXT)
    assert not codes(one) & BAD
