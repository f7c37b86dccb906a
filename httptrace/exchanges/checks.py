"""What a content's first bytes show, held against the type that was declared: few rules, and none that cries wolf."""

from __future__ import annotations

#: How a file begins, and the types that may be declared for it. Only formats whose beginning is beyond doubt.
_MAGIC: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ("image/png", "image/x-png", "image/apng")),
    (b"\xff\xd8\xff", "image/jpeg", ("image/jpeg", "image/jpg", "image/pjpeg")),
    (b"GIF87a", "image/gif", ("image/gif",)),
    (b"GIF89a", "image/gif", ("image/gif",)),
    (b"%PDF-", "application/pdf", ("application/pdf", "application/x-pdf")),
    (b"PK\x03\x04", "application/zip", ()),  # also documents, packages: only text contradicts it
    (b"MZ\x90\x00", "a Windows program", ()),
    (b"\x7fELF", "an ELF program", ()),
    (b"\x1f\x8b\x08", "gzip data", ()),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", ()),
    (b"Rar!\x1a\x07", "a RAR archive", ()),
    (b"wOFF", "font/woff", ()),
    (b"wOF2", "font/woff2", ()),
    (b"\x00asm", "application/wasm", ()),
)

_VAGUE = (
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "application/force-download",
)


_BEGINNINGS = tuple(magic for magic, _, _ in _MAGIC)


def mismatch(content_type: str | None, prefix: bytes) -> str | None:
    """What the content really begins like, where that contradicts the declared type; else None."""
    if not content_type or len(prefix) < 3:
        return None
    if not prefix.startswith(_BEGINNINGS) and not content_type.startswith(("image/", "Image/")):
        return None  # nearly always
    declared = content_type.partition(";")[0].strip().lower()
    if declared in _VAGUE:
        return None
    major = declared.partition("/")[0]
    for magic, really, allowed in _MAGIC:
        if prefix.startswith(magic):
            if allowed:
                return really if major in ("image", "text") and declared not in allowed else None
            return really if major in ("text", "image") and declared != "image/svg+xml" else None
    if major == "image" and declared != "image/svg+xml" and prefix.lstrip()[:9].lower() in (b"<!doctype", b"<html><he"):
        return "text/html"
    return None
