"""`walk --why` and `walk --headers` as a user runs them: every number against `packets --format jsonl`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from httptrace.cli.main import main
from httptrace.outputs.wrap import cell_width
from httptrace.teach.situations.catalogue import SITUATIONS
from tests.build import chunked, conversation, get, head, lost, ok, post
from tests.cli.command import CAPTURES
from tests.cli.reasons import Checker, Told, read, record
from tests.outputs.reading import verify
from tests.test_corpus import PEERS, needs_corpus

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))

#: The words that begin a row.
ENGLISH = """browser client server state seq ack window flight options time knows rule loss SACK method status next
length type coding after form bursts cookies proof cache"""
CHINESE = """浏览器 客户端 服务器 状态 seq ack 窗口 在途 选项 时间 已知 规则 丢失 SACK 请求方法 状态码 接下来 长度
类型 编码 之后 表单 成批 Cookie 凭据 缓存"""
LABELS = {"en": set(ENGLISH.split()), "zh": set(CHINESE.split())}

#: Captures of the reference corpus up to this size are told.
LARGEST = 300_000

#: Conversations with something the captures lack.
MADE = {
    "in-the-middle": conversation(get("/a"), ok(b"z" * 5000), begin=5),
    "half-close": conversation(get("/a"), ok(b"z" * 3000), closing="late-half"),
    "half-open": conversation(get("/a"), ok(b"z" * 30_000), closing="half"),
    "no-syn-ack": conversation(get("/a"), ok(b"z" * 3000), drop=[2]),
    "a-gap": conversation(get("/a"), [head(), lost(b"x" * 900), b"y" * 900]),
    "until-the-close": conversation(get("/a"), head() + b"x" * 900),
    "http-0.9": conversation(b"GET /\r\n", b"<html>old"),
    "pipelined": conversation(get("/a") + get("/b"), ok(b"1") + ok(b"2")),
    "out-of-order": conversation(get("/a"), ok(b"z" * 9000), swap=[(6, 7)]),
    "repeated": conversation(get("/a"), ok(b"z" * 9000), repeat=[4, 6]),
    "reset": conversation(get("/a"), ok(b"z" * 900), closing="rst"),
    "chunks-and-form": conversation(
        post("/f", "a=1&b=x+y%21", content_type="application/x-www-form-urlencoded"),
        head(transfer_encoding="chunked") + chunked("one", "two"),
    ),
    "over-the-circle": conversation(get("/a"), ok(b"z" * 9000), isn=(0xFFFF_FFF0, 0xFFFF_F000)),
    "many-acks": conversation(get("/a"), ok(b"z" * 60_000), ack_every=2),
}


@pytest.fixture
def capture(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path of a capture: one of the project's, a situation of `demo`, or one made here."""
    kind, _, name = request.param.partition(":")
    if kind == "captures":
        return name
    path = tmp_path / f"{name}.pcap"
    if kind == "made":
        MADE[name].save(path)
    else:
        assert main(["demo", name, "-o", str(path)]) == 0
    return str(path)


def each(*kinds: str) -> list[str]:
    names = {"captures": EVERY, "made": list(MADE), "demo": list(SITUATIONS)}
    return [f"{kind}:{name}" for kind in kinds for name in names[kind]]


def every(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("capture", each(*kinds), indirect=True, ids=each(*kinds))


@every("captures", "made", "demo")
def test_every_number_is_that_of_the_packets(httptrace, capture: str) -> None:
    check(httptrace, capture, unfold=True)


@every("made", "demo")
def test_every_number_of_several_packets_told_together(httptrace, capture: str) -> None:
    check(httptrace, capture, unfold=False)


def check(httptrace, capture: str, *, unfold: bool, most: int | None = None) -> None:
    """Hold every row of every connection, or of the first few, against the lines of `packets`."""
    lines = httptrace("packets", capture, "--format", "jsonl").records
    streams = httptrace("streams", capture, "--format", "jsonl").records
    for stream in streams[:most]:
        number = stream["stream"]
        options = ["--all"] if unfold else []
        text = httptrace("walk", capture, "--stream", number, "--why", *options, "--lang", "en").text
        roles = ("browser" if "   browser " in text else "client", "server")
        own = [line for line in lines if line["stream"] == number]
        checker = Checker(own, roles, stream["handshake"] == "refused")
        told = read(text, LABELS["en"])
        for entry in told:
            checker.check(entry)
        assert checker.checked >= 2 * sum(entry.first == entry.last for entry in told)
        if unfold:
            assert [entry.first for entry in told] == [line["packet"] for line in own]
            assert all(entry.texts("seq") and entry.texts("ack") for entry in told)


@pytest.mark.corpus
@needs_corpus
def test_every_number_in_the_corpus(httptrace) -> None:
    small = [path for path in PEERS if path.stat().st_size < LARGEST]
    assert small
    for path in small:
        if httptrace("packets", path, "--format", "jsonl").status < 2:
            check(httptrace, str(path), unfold=True, most=4)


@every("captures", "made", "demo")
def test_every_number_of_the_plain_prose(httptrace, capture: str) -> None:
    """Entry lines, runs, sums, and which packet carried or confirmed which byte."""
    lines = httptrace("packets", capture, "--format", "jsonl").records
    for stream in sorted({line["stream"] for line in lines}):
        own = [record(line) for line in lines if line["stream"] == stream]
        read = verify(httptrace("walk", capture, "--stream", stream, "--lang", "en").text, own)
        inside = [no for first, last, _ in read.folds for no in range(first, last + 1)]
        assert {one.packet for one in own} <= {*read.entries, *inside}


def test_what_a_form_says(httptrace, monkeypatch) -> None:
    assert "It fills in 2 fields: name, key." in httptrace("walk", "form-post.pcap", "--lang", "en").text
    assert "填写了2个字段：name，key。" in "".join(httptrace("walk", "form-post.pcap", "--lang", "zh").text.split())
    rows = httptrace("walk", "multipart-upload.pcap", "--why").text
    assert "form      key2 = 456\n                  key1 = 123\n                  file: the file index.py" in rows
    monkeypatch.setattr("httptrace.cli.verbs.walk_.FORMS", 10)
    assert "It fills in" not in httptrace("walk", "form-post.pcap", "--lang", "en").text


def numbers(told: list[Told]) -> list[list[list[str]]]:
    """Every number in every row, in order of size; Chinese writes them in another order."""
    return [[sorted(re.findall(r"\d[\d,.]*\d|\d", text)) for _, text in entry.rows] for entry in told]


@every("captures", "made")
def test_both_languages_say_the_same_numbers(httptrace, capture: str) -> None:
    texts = {
        language: httptrace("walk", capture, "--why", "--lang", language).text.partition("\n── The conn")[0]
        for language in LABELS
    }
    english, chinese = (read(texts[language], LABELS[language]) for language in ("en", "zh"))
    assert [(told.first, told.last, len(told.rows)) for told in chinese] == [
        (told.first, told.last, len(told.rows)) for told in english
    ]
    for told_en, told_zh in zip(english, chinese, strict=True):
        for (label, one), (_, other) in zip(told_en.rows, told_zh.rows, strict=True):
            if label not in ("method", "status", "next", "type"):  # those are the reference's, which has its own tests
                assert numbers([Told(0, 0, [(label, one)])]) == numbers([Told(0, 0, [(label, other)])]), (one, other)


@every("captures")
@pytest.mark.parametrize(("language", "columns"), [("en", 60), ("zh", 60), ("zh", 80)])
def test_no_line_is_wider_than_the_terminal(httptrace, capture: str, language: str, columns: int) -> None:
    text = httptrace("walk", capture, "--why", "--headers", "--lang", language, columns=columns).text
    commands = re.compile(r"httptrace (show|walk|follow) ")
    wide = [line for line in text.splitlines() if cell_width(line) > columns and not commands.match(line)]
    assert wide == []


@pytest.mark.parametrize("options", [[], ["--all"], ["--absolute"], ["--absolute", "--all"]], ids=" ".join)
def test_the_walkthrough_is_the_same_without_the_rows(httptrace, options: list[str]) -> None:
    """--why adds lines and takes none away, but for the commands at the end."""
    plain = httptrace("walk", "real-nginx-curl.pcap", *options).lines
    lines = iter(httptrace("walk", "real-nginx-curl.pcap", "--why", *options).lines)
    end = plain.index("── The connection in numbers ───────────────────────────────────────────────────")
    assert all(line in lines for line in plain[:end])


def test_absolute_numbers(httptrace) -> None:
    text = httptrace("walk", "first-page.pcap", "--why", "--absolute").text
    assert "3482919204 + 1 = 3482919205: the SYN takes one number." in text
    assert "3482919205 + 372 = 3482919577" in text


def test_a_part_of_the_packets_explains_itself(httptrace) -> None:
    """What was explained before the first packet that is printed is explained again."""
    text = " ".join(httptrace("walk", "first-page.pcap", "--why", "--packets", "14-15").text.split())
    assert "359 bytes take the numbers 373–731" in text
    assert "GET: Asks for the resource." in text
    assert "three steps" not in text


def test_a_pipe_is_told_as_it_comes(httptrace, monkeypatch) -> None:
    import io
    from types import SimpleNamespace

    data = (CAPTURES / "first-page.pcap").read_bytes()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    result = httptrace("walk", "-", "--why", "--headers")
    assert result.status == 0
    assert "SYN-SENT → ESTABLISHED" in result.text
    assert "which site" in result.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_at_the_end_are_explained(httptrace, language: str) -> None:
    """Every word that the last lines offer is one that `explain` knows, as it is printed."""
    offered: set[str] = set()
    for name in EVERY:
        text = httptrace("walk", name, "--why", "--lang", language).text
        found = re.search(r"^httptrace explain WORD[:：] ?(.*?)\nhttptrace ", text, re.M | re.S)
        assert found, name
        offered |= {word.strip() for line in found[1].splitlines() for word in line.split(" · ")}
    assert len(offered) > 25
    for word in offered:
        result = httptrace("explain", *word.split(), "--lang", language)
        assert result.status == 0, word
        assert result.text
