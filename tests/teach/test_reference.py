"""The reference is whole: what it must know, in both languages, with links that lead somewhere."""

from __future__ import annotations

import re
import string
import subprocess
import sys

import pytest

from httptrace import lang
from httptrace.notes import NOTES
from httptrace.teach import reference
from httptrace.teach.reference import KINDS, Entry, entries, find, lookup

ALL = [pytest.param(entry, id=f"{entry.kind}:{entry.name}") for kind in KINDS for entry in entries(kind)]
CHINESE = re.compile("[\u4e00-\u9fff]")


def words(text: str) -> list[str]:
    return text.split()


STATUS_CODES = [
    *range(100, 105), *range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 427),
    428, 429, 431, 451, *range(500, 509), 510, 511,
]  # fmt: skip

METHODS = words(
    """
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE
    MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI
    PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
    UPDATEREDIRECTREF VERSION-CONTROL *
    """
)

STATES = words(
    """
    LISTEN SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK
    TIME-WAIT CLOSED
    """
)

ANALYSIS = words(
    """
    retransmission fast-retransmission spurious-retransmission out-of-order lost-segment
    acked-unseen-segment dup-ack window-update zero-window window-full zero-window-probe keep-alive
    keep-alive-ack port-reused
    """
)

TERMS = """
    three-way handshake | boundary | chunk | segment | sequence number | acknowledgment number |
    window | window scale | keep-alive | pipelining | trailer | request smuggling | four-step close
    | half-close | MSS | SACK | RTT | gap | truncated | capture | packet | exchange | connection |
    form | upload | redirect | content coding | transfer coding | request line | status line |
    header field | body | reset | omitted content type | timestamps | RTO | TLS | SNI | ALPN |
    websocket | HTTP/2 | proxy | cache
"""

#: Of RFCs that another one replaced; what stands in no newer one keeps its place.
OBSOLETE = words(
    """
    793 1122 2068 2109 2388 2396 2518 2616 2617 2818 2965 3230 4329 5246 7159 7230 7231 7232 7233
    7234 7235 7540 7807 8740
    """
)
STILL_REFERRED_TO = {
    "102",
    "LINK",
    "UNLINK",
}  # the IANA registries themselves refer to RFC 2518 and RFC 2068 here


@pytest.mark.parametrize("entry", ALL)
def test_both_languages_are_there(entry: Entry) -> None:
    pairs = [entry.texts, entry.titles] + ([entry.nexts] if any(entry.nexts) else [])
    assert all(english and chinese for english, chinese in pairs)
    assert CHINESE.search(entry.texts[1])
    assert not CHINESE.search(entry.texts[0].replace("中", ""))  # the example of percent-encoding
    assert not re.search(r"[\u4e00-\u9fff][,;:?!.]", entry.texts[1]), "Chinese takes its own punctuation"


@pytest.mark.parametrize("entry", ALL)
def test_every_link_resolves(entry: Entry) -> None:
    assert [name for name in (*entry.see, *entry.fields) if not reference.find(name)] == []
    assert entry.name not in entry.see


@pytest.mark.parametrize("entry", ALL)
def test_sources_are_named_and_current(entry: Entry) -> None:
    assert entry.rfc or entry.source
    assert [rfc for rfc in entry.rfc if not re.fullmatch(r"\d{3,5}( §[A-Z\d]+(\.\d+)*)?", rfc)] == []
    numbers = {rfc.split()[0] for rfc in entry.rfc}
    assert entry.name in STILL_REFERRED_TO or not numbers.intersection(OBSOLETE)


@pytest.mark.parametrize("kind", KINDS)
def test_names_lead_to_their_entry(kind: str) -> None:
    names = [name.casefold() for entry in entries(kind) for name in entry.names]
    assert len(set(names)) == len(names)
    assert all(lookup(kind, name) is entry for entry in entries(kind) for name in entry.names)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        pytest.param("status", ["1xx", "2xx", "3xx", "4xx", "5xx"], id="classes"),
        pytest.param("status", [str(code) for code in STATUS_CODES], id="iana-status-codes"),
        pytest.param("method", METHODS, id="iana-methods"),
        pytest.param("flag", words("SYN ACK PSH FIN RST URG ECE CWR AE NS SYN,ACK"), id="tcp-flags"),
        pytest.param("state", STATES, id="rfc-9293-states"),
        pytest.param("analysis", ANALYSIS, id="words-of-the-contract"),
        pytest.param("coding", words("gzip x-gzip deflate br zstd compress identity"), id="codings"),
        pytest.param("note", list(NOTES), id="note-codes"),
        pytest.param("term", [term.strip() for term in TERMS.split("|")], id="terms"),
    ],
)
def test_what_must_be_known(kind: str, names: list[str]) -> None:
    assert [name for name in names if not lookup(kind, name)] == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("长连接", "persistent connection"),
        ("三报文握手", "three-way handshake"),
        ("滑动窗口", "window"),
        ("延迟确认", "delayed acknowledgment"),
        ("请求头", "header field"),
        ("粘包", "segment"),
        ("往返时间", "RTT"),
        ("选择确认", "SACK"),
        ("cwnd", "congestion window"),
        ("tcp.stream", "connection"),
        ("nagle", "Nagle"),
    ],
)
def test_other_words_for_it_are_understood(said: str, name: str) -> None:
    """What courses, textbooks and Wireshark call it."""
    assert name in [entry.name for entry in find(said)]


def test_nothing_but_the_registry_has_a_note() -> None:
    assert {entry.name for entry in entries("note")} == set(NOTES)
    assert [note.code for note in NOTES.values() if note.rfc and note.rfc not in lookup("note", note.code).rfc] == []


def test_every_status_code_says_what_happens_next() -> None:
    assert [entry.name for entry in entries("status") if not all(entry.nexts)] == []


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("401", "WWW-Authenticate"),
        ("405", "Allow"),
        ("407", "Proxy-Authenticate"),
        ("426", "Upgrade"),
        ("503", "Retry-After"),
        ("429", "Retry-After"),
        ("206", "Content-Range"),
        ("416", "Content-Range"),
        ("304", "ETag"),
        ("100", "Expect"),
        *((code, "Location") for code in ("201", "301", "302", "303", "307", "308")),
    ],
)
def test_header_fields_that_belong_to_a_status_code(code: str, field: str) -> None:
    entry = lookup("status", code)
    assert entry is not None
    assert field in entry.fields


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_glosses_are_a_few_words(language: str) -> None:
    with lang.speaking(language):
        glosses = {entry.name: reference.gloss(entry.name.upper()) for entry in entries("field")}
        assert reference.gloss("X-Never-Heard-Of") == ""
    assert len(glosses) >= 130
    assert [name for name, text in glosses.items() if not text or len(text) > 36 or text.endswith((".", "。"))] == []


def test_placeholders_and_markup_stay_out_of_the_texts() -> None:
    texts = [text for kind in KINDS for entry in entries(kind) for text in (*entry.texts, *entry.nexts)]
    assert [text for text in texts if "**" in text or "TODO" in text or "  " in text] == []
    assert all(character.isprintable() for text in texts for character in text)
    assert not [text for text in texts if set(text) & set(string.whitespace) - {" "}]


def test_the_samples_are_true_to_their_length() -> None:
    """A sample's body has as many bytes as its Content-Length says (lines of multipart end in CRLF)."""
    checked = 0
    for entry in entries("type"):
        head, empty, body = entry.sample().partition("\n\n")
        declared = re.search(r"Content-Length: (\d+)", head)
        if empty and declared:
            end = "\r\n" if entry.name.startswith("multipart/") else "\n"
            tail = end if entry.name.startswith("multipart/") else ""
            assert len((body.replace("\n", end) + tail).encode()) == int(declared[1]), entry.name
            checked += 1
    assert checked == 4


def test_a_lookup_reads_its_own_kind_only() -> None:
    code = (
        "from httptrace.teach import reference; reference.gloss('Host');"
        "assert reference.entries.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
