"""A content as it passes: counted, decoded, hashed, kept within a bound, however it is cut."""

from __future__ import annotations

import gzip
import random
from hashlib import sha256

import pytest

from httptrace.exchanges.body import PREFIX, BodyReader
from httptrace.model import Body

TEXT = b"The quick brown fox jumps over the lazy dog. " * 50


def read(pieces: list[bytes | None], codings: list[str], keep: int = 0, hashed: bool = True, cut: bool = False) -> Body:
    """None stands for a hole."""
    body = Body()
    reader = BodyReader(body, codings, keep, hashed)
    for piece in pieces:
        if piece is None:
            reader.gap()
        else:
            reader.feed(piece)
    reader.finish(cut)
    return body


def test_an_empty_body_has_no_hash() -> None:
    body = read([], [])
    assert (body.size, body.decoded_size, body.sha256) == (0, 0, None)


@pytest.mark.parametrize("codings", [[], ["gzip"]], ids=["plain", "gzip"])
@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_any_cut_gives_the_same(codings: list[str], seed: int) -> None:
    chance = random.Random(seed)
    sent = gzip.compress(TEXT) if codings else TEXT
    cuts = sorted(chance.randrange(len(sent)) for _ in range(chance.randint(0, 20)))
    pieces: list[bytes | None] = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    body = read([piece for piece in pieces if piece], codings, keep=10_000)
    assert (body.size, body.decoded_size) == (len(sent), len(TEXT))
    assert body.sha256 == sha256(TEXT).hexdigest()
    assert (body.content, body.raw) == (TEXT, sent)


@pytest.mark.parametrize("keep", [1, 10, 1000, len(TEXT), 10**6])
def test_no_more_is_kept_than_asked_for(keep: int) -> None:
    body = read([TEXT[:7], TEXT[7:100], TEXT[100:]], [], keep)
    assert body.content == TEXT[:keep]
    assert body.raw == TEXT[:keep]
    assert (body.size, body.sha256) == (len(TEXT), sha256(TEXT).hexdigest()), "the bound changes nothing else"


def test_nothing_is_kept_unasked() -> None:
    body = read([TEXT], [])
    assert (body.content, body.raw) == (None, None)


def test_no_hash_where_nobody_wants_one() -> None:
    assert read([TEXT], [], hashed=False).sha256 is None


def test_a_hole_leaves_the_captured_bytes_in_order() -> None:
    body = read([b"abc", None, b"ghi"], [])
    assert (body.size, body.decoded_size, body.sha256) == (6, 6, sha256(b"abcghi").hexdigest())


def test_a_coded_body_with_a_hole_is_decoded_up_to_it() -> None:
    chance = random.Random(1)
    text = chance.randbytes(50_000)
    sent = gzip.compress(text)
    body = read([sent[:30_000], None, sent[31_000:]], ["gzip"], keep=10**6)
    assert body.size == len(sent) - 1_000
    assert body.content
    assert 0 < body.decoded_size < len(text)
    assert text.startswith(body.content)


def test_what_the_checks_look_at_is_decoded() -> None:
    reader = BodyReader(Body(), ["gzip"], 0, True)
    reader.feed(gzip.compress(TEXT))
    assert reader.prefix == TEXT[:PREFIX]
