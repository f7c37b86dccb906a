"""Content-Type read, and text decoded by it, by the byte order mark, or by what the text says of itself."""

from __future__ import annotations

import re

_PARAMETER = re.compile(r';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^;]*))')
_ESCAPED = re.compile(r'\\(["\\])')

#: A value longer than this is not worth reading: no honest one comes near.
_LONGEST = 16 * 1024

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

#: In the first KiB, as HTML has it: <meta charset=x>, <meta ... content="text/html; charset=x">, encoding="x"
#: of XML.
_SAID = re.compile(rb"""(?:\bcharset\s*=\s*["']?|<\?xml[^>]{0,100}?encoding\s*=\s*["'])([A-Za-z0-9_:.-]{1,40})""", re.I)

#: Labels (without - and _) and Python's codecs. A list of the sane ones: by other names Python would run
#: compressors, escapes and a quadratic codec over hostile bytes. Latin-1 is windows-1252 to every browser,
#: but that has holes.
_CHARSETS = {
    "utf8": "utf-8",
    "unicode11utf8": "utf-8",
    "usascii": "utf-8",
    "ascii": "utf-8",
    "latin1": "latin-1",
    "l1": "latin-1",
    "iso88591": "latin-1",
    "cp1252": "cp1252",
    "utf16": "utf-16-le",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "ucs2": "utf-16-le",
    "utf32": "utf-32",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "xgbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "big5hkscs": "big5hkscs",
    "eucjp": "euc_jp",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "windows31j": "cp932",
    "iso2022jp": "iso2022_jp",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "macintosh": "mac_roman",
    "tis620": "cp874",
    "windows874": "cp874",
    **{f"windows{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"iso8859{part}": f"iso8859_{part}" for part in (*range(2, 12), 13, 14, 15, 16)},
}


def parse(value: str | None) -> tuple[str, dict[str, str]]:
    """The essence (`type/subtype`, lower case) and the parameters, names in lower case (RFC 9110 §8.3.1).

    It serves Content-Disposition too. Of a parameter that comes twice the first counts; odd values are kept.
    """
    value = (value or "")[:_LONGEST]
    essence, semicolon, _ = value.partition(";")
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(value, len(essence)) if semicolon else ():
        quoted, token = found[2], found[3]
        text = _ESCAPED.sub(r"\1", quoted) if quoted is not None else token.strip()
        parameters.setdefault(found[1].lower(), text)
    return essence.strip().lower(), parameters


def codec(label: str) -> str | None:
    """Python's name of a charset, or None where it is not known."""
    return _CHARSETS.get(label.strip().lower().replace("-", "").replace("_", ""))


def decode(content: bytes, charset: str | None = None) -> tuple[str, str]:
    """The text, and the codec that read it. Never raises; what does not fit becomes U+FFFD.

    A byte order mark goes before the declared charset (as in browsers), that before what the text says of
    itself. With none of them it is UTF-8 where it can be, else Latin-1.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace"), name
    declared = codec(charset) if charset else None
    if declared is None:
        said = _SAID.search(content, 0, 1024)
        declared = codec(said[1].decode("ascii")) if said else None
        if declared and declared.startswith("utf-16"):  # it cannot be, when its ASCII could be read
            declared = "utf-8"
    if declared and declared != "utf-8":
        return content.decode(declared, "replace"), declared
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if declared or len(content) - error.start < 4 or error.start > 4096:  # the end was cut, or it nearly was
            return content.decode("utf-8", "replace"), "utf-8"
    return content.decode("latin-1"), "latin-1"


def decode_word(data: bytes, charset: str | None = None) -> str:
    """A file name or form field in its charset or in UTF-8; else in Latin-1, where no byte is wrong."""
    try:
        return data.decode((codec(charset) if charset else None) or "utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
