"""What the first bytes of a content say against the declared type: right where they are plain, silent elsewhere."""

from __future__ import annotations

import random

import pytest

from httptrace.exchanges.checks import mismatch

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n" + bytes(8), b"\xff\xd8\xff\xe0\0\x10JFIF", b"GIF89a" + bytes(8)


@pytest.mark.parametrize(
    ("declared", "prefix", "really"),
    [
        pytest.param("image/png", PNG, None, id="png-as-png"),
        pytest.param("image/PNG; x=y", PNG, None, id="any-case-and-parameters"),
        pytest.param("image/jpeg", PNG, "image/png", id="png-as-jpeg"),
        pytest.param("image/jpg", JPEG, None, id="jpg-is-jpeg"),
        pytest.param("text/html", GIF, "image/gif", id="gif-as-html"),
        pytest.param("text/plain", b"%PDF-1.7", "application/pdf", id="pdf-as-text"),
        pytest.param("text/html", b"\x7fELF\2\1\1", "an ELF program", id="a-program-as-text"),
        pytest.param("image/png", b"<!DOCTYPE html>", "text/html", id="a-page-as-an-image"),
        pytest.param("image/gif", b"  <html><head>", "text/html", id="a-page-behind-blanks"),
        pytest.param("image/svg+xml", b"<!DOCTYPE svg>", None, id="svg-is-text"),
        pytest.param("application/octet-stream", PNG, None, id="octet-stream-is-anything"),
        pytest.param("application/vnd.oasis.opendocument.text", b"PK\x03\x04", None, id="documents-are-zip"),
        pytest.param("application/json", b"\x1f\x8b\x08\0", None, id="not-everything-is-said"),
        pytest.param("text/plain", b"plain text", None, id="text"),
        pytest.param("", PNG, None, id="an-empty-type"),
        pytest.param(None, PNG, None, id="no-type"),
        pytest.param("text/html", b"GI", None, id="too-few-bytes"),
        pytest.param("nonsense", PNG, None, id="no-type-at-all"),
    ],
)
def test_declared_against_real(declared: str | None, prefix: bytes, really: str | None) -> None:
    assert mismatch(declared, prefix) == really


@pytest.mark.parametrize("seed", range(5), ids=lambda seed: f"seed-{seed}")
def test_random_content_is_never_called_wrong(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(500):
        declared = chance.choice(("text/html", "image/png", "text/css", "application/json", "video/mp4"))
        assert mismatch(declared, b"." + chance.randbytes(chance.randint(0, 64))) is None
