"""What is wrong with what was given, said in Chinese to who reads Chinese: every kind of broken file and argument.

Names, numbers, options, fields and the words of libraries (zlib's, libpcap's) stay as they are.
"""

from __future__ import annotations

import gzip
import lzma
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.capture.captures import Section, mixed_pcapng
from tests.cli.command import CAPTURES, ROOT

GOOD = (CAPTURES / "first-page.pcap").read_bytes()
PCAPNG = mixed_pcapng()
ZIPPED = gzip.compress(GOOD * 3, mtime=0)
FLUSHED = zlib.compressobj(wbits=31)
DAMAGED = FLUSHED.compress(GOOD) + FLUSHED.flush(zlib.Z_FULL_FLUSH) + b"\x07" * 9  # there is no block of type 3
XZ = lzma.compress(GOOD)
SECTION = Section()
BEGUN = SECTION.header() + SECTION.interface()

#: Two English words in a row, or one that stands alone.
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,}")


def claiming(kind: int, total: int) -> bytes:
    """A block that says it is so long."""
    return SECTION.pack("II", kind, total) + b"x" * 40


BROKEN = [
    ("nothing", b"", "是空的（0 字节），不是抓包文件"),
    ("text", b"abcdefgh" * 9, "不是抓包文件（开头是 61 62 63 64）；能读的是 pcap 和 pcapng"),
    ("another-format", b"snoop\0\0\0" + b"x" * 99, "是 snoop 抓包文件（RFC 1761），不能读取；"),
    ("another-compression", b"BZh" + b"x" * 99, "是 bzip2 压缩文件，不能读取；"),
    ("old-version", GOOD[:4] + struct.pack("<HH", 2, 1) + GOOD[8:], "不能读取 pcap 2.1 版，只能读 2.4 版"),
    ("cut-header", GOOD[:10], "第 0 字节处：文件在文件头中间结束：应有 24 字节，只有 10 字节"),
    ("cut-record", GOOD[:-20], "字节处：文件在一条记录中间结束：应有 "),
    ("claimed-length", GOOD[:24] + struct.pack("<IIII", 1, 0, 9**9, 9**9) + b"x" * 99, "记录自称抓到 387,420,489 字节"),
    ("cut-block", PCAPNG[:-10], "文件在 Interface Statistics Block 中间结束：应有 52 字节，只有 42 字节"),
    ("cut-in-a-type", BEGUN + b"\x06\0", "第 48 字节处：文件在一个块中间结束：应有 12 字节，只有 2 字节"),
    ("cut-unknown-block", BEGUN + claiming(0xBAD, 4096), "文件在一个自称 4,096 字节的块中间结束"),
    ("cut-enhanced-block", BEGUN + claiming(6, 100), "文件在 Enhanced Packet Block 中间结束：应有 100 字节"),
    ("byte-order", PCAPNG[:8] + b"wxyz" + PCAPNG[12:], "字节处：段的字节序魔数应为 1a2b3c4d 或其反序，而不是 7778797a"),
    ("odd-length", BEGUN + claiming(6, 33), "Enhanced Packet Block：长度应为 4 的倍数，至少 32，而不是 33"),
    ("odd-unknown-block", BEGUN + claiming(0xBAD, 5), "类型为 2989 的块：长度应为 4 的倍数，至少 12，而不是 5"),
    ("huge-block", BEGUN + claiming(6, 2**31), "Enhanced Packet Block：自称有 2,147,483,648 字节"),
    ("trailer", BEGUN + SECTION.block(0xBAD, b"1234")[:-4] + SECTION.pack("I", 99), "应为 16，实为 99"),
    ("interface", BEGUN + SECTION.enhanced(1, b"x" * 60, interface=7), "数据包来自接口 7，而这个段只描述了 1 个接口"),
    ("room", BEGUN + SECTION.block(6, SECTION.pack("IIIII", 0, 0, 0, 500, 500) + b"x" * 20), "只容得下 20 字节"),
    ("simple-room", BEGUN + SECTION.simple(b"x" * 60, wire=900), "数据包块自称抓到 900 字节，而它只容得下 60 字节"),
    ("secrets", BEGUN + SECTION.block(10, SECTION.pack("II", 1, 999) + b"x" * 20), "40 字节的块里自称有 999 字节密钥"),
    ("version", SECTION.block(0x0A0D0D0A, SECTION.pack("IHHq", 0x1A2B3C4D, 3, 0, -1)), "pcapng 版本应为 1，实为 3"),
    ("cut-gzip", ZIPPED[: len(ZIPPED) // 2], "gzip 压缩数据不完整"),
    ("cut-gzip-header", ZIPPED[:12], "不是能读取的抓包文件：gzip 压缩数据不完整"),
    ("damaged-gzip", DAMAGED, "gzip 压缩数据已损坏："),
    ("behind-gzip", gzip.compress(GOOD) + b"garbage!", "压缩数据之后还有别的内容（67 61 72 62）"),
    ("empty-gzip", gzip.compress(b""), "是压缩文件，里面什么也没有，不是抓包文件"),
    ("text-gzip", gzip.compress(b"hello world"), "不是抓包文件（开头是 68 65 6c 6c）；"),
    ("cut-xz", XZ[: len(XZ) // 2], "xz 压缩数据不完整"),
    ("skippable", gzip.compress(GOOD) + b"\x50\x2a\x4d\x18\xff\0\0\0abc", "可跳过的帧不完整"),
]


def assert_chinese(text: str, *names: object) -> None:
    """One line or more, each in Chinese: besides names there are no words of English in it."""
    assert text.startswith("httptrace: ")
    for line in text.splitlines():
        plain = re.sub("gzip 压缩数据已损坏：.*", "已损坏", line.removeprefix("httptrace: "))
        for name in names:
            plain = plain.replace(str(name), "")
        assert re.search("[\u4e00-\u9fff]", plain), line
        assert not ENGLISH.search(plain), line
        assert not re.search("[:;,] ", re.sub(r"（可选：.*?）|, ", "", plain)), f"half-width: {line}"


@pytest.mark.parametrize(("content", "said"), [(one[1], one[2]) for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_a_broken_file(httptrace, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.cap"
    path.write_bytes(content)
    chinese, english = (httptrace("list", path, "--lang", language) for language in ("zh", "en"))
    assert said in chinese.err
    assert_chinese(chinese.err, path)
    assert (chinese.status, chinese.err.count("\n")) == (english.status, 1)
    assert english.err.isascii()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(["list", "no-such-file"], "no-such-file：无法打开：没有这个文件或目录", id="missing"),
        pytest.param(["no-such-file"], "no-such-file：无法打开：没有这个文件或目录", id="missing, without a verb"),
        pytest.param(["list", "captures"], "captures：是目录", id="a directory"),
        pytest.param(["list", "README.md/x"], "README.md/x：无法打开：不是目录", id="below a file"),
        pytest.param(["list", "-", "-"], "-：标准输入只能读一次", id="standard input twice"),
        pytest.param(
            ["list", "--follow", "captures"], "captures：不是普通文件，只有普通文件才能跟踪", id="following a directory"
        ),
        pytest.param(["list", "--follow", "no-such-file"], "no-such-file：无法打开：没有", id="following nothing"),
        pytest.param(["list", "--follow", "README.md"], "README.md：不是抓包文件", id="following a text"),
        pytest.param(
            ["list", "--follow", "no-such-*", "--duration", "1ms"],
            "no-such-*：还没有这样的文件；等待它出现",
            id="pattern",
        ),
        pytest.param(["report", "first-page.pcap", "-o", "no/x.html"], "no/x.html：没有这个文件或目录", id="output"),
        pytest.param(
            ["report", "first-page.pcap", "-o", "tests", "--force"], "tests：是目录", id="output is a directory"
        ),
        pytest.param(["demo", "handshake", "-o", "no/x.pcap"], "no/x.pcap：没有这个文件或目录", id="demo's output"),
        pytest.param(["worksheet", "first-page.pcap", "--grade", "no"], "no：没有这个文件或目录", id="answers"),
        pytest.param(["list", "first-page.pcap", "--jobs", "x"], "--jobs x：", id="jobs"),
        pytest.param(["list", "first-page.pcap", "--bounds", "x=1"], "没有名为 'x' 的上限", id="unknown bound"),
        pytest.param(["list", "first-page.pcap", "--bounds", "heads=x"], "heads 的值应为数字", id="bound"),
        pytest.param(["list", "first-page.pcap", "--bounds", "heads=1"], "heads 不能小于 64k", id="least bound"),
        pytest.param(["list", "first-page.pcap", "--status", "x"], "--status x：", id="status"),
        pytest.param(["list", "first-page.pcap", "--ip", "x"], "--ip x：", id="address"),
        pytest.param(["list", "first-page.pcap", "--sort", "x"], "--sort x：", id="sort"),
        pytest.param(["list", "first-page.pcap", "--since", "x"], "--since x：", id="time"),
        pytest.param(["list", "first-page.pcap", "--duration", "1s"], "--duration 要与 --follow 同用", id="duration"),
        pytest.param(["show", "first-page.pcap", "99"], "没有交互 99", id="no such exchange"),
        pytest.param(["walk", "first-page.pcap", "--stream", "9"], "没有连接 9", id="no such connection"),
        pytest.param(["follow", "first-page.pcap", "x"], "STREAM 应为数字，而不是 x", id="follow"),
        pytest.param(["explain", "no-such-word"], "没有关于 no-such-word 的说明", id="explain"),
        pytest.param(["demo", "no-such-thing"], "没有名为 no-such-thing 的情景", id="demo"),
        pytest.param(["list"], "缺少必需的参数：FILE（httptrace list --help）", id="argument"),
        pytest.param(["list", "x", "--foo"], "无法识别的参数：--foo（httptrace list --help）", id="option"),
        pytest.param(["completion", "x"], "参数 SHELL：没有 'x' 这一项", id="choice"),
    ],
)
def test_a_wrong_argument(httptrace, command: list[str], said: str) -> None:
    result = httptrace(*command, "--lang=zh")
    assert said in result.err
    assert_chinese(result.err, *command, "connections, out-of-order, out-of-order-each", "captures")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["list", "walk", "summary", "streams", "packets", "audit", "report"])
def test_damage_is_said_in_chinese_by_every_command(httptrace, tmp_path: Path, verb: str) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(GOOD[:-20])
    output = ["-o", tmp_path / "x.html"] if verb == "report" else []
    result = httptrace(verb, path, *output, "--lang=zh")
    assert result.status == 1
    assert "字节处：文件在一条记录中间结束：" in result.err
    assert_chinese(result.err, path, *output)


def test_damage_on_the_page_of_the_summary_is_in_chinese(httptrace, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(GOOD[:-20])
    assert "文件在一条记录中间结束" in httptrace("summary", path, "--lang=zh").text.replace("\n", "").replace(" ", "")


def test_json_is_not_translated(httptrace, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(GOOD[:-20])
    chinese, english = (httptrace("list", "--format", "jsonl", path, "--lang", one) for one in ("zh", "en"))
    assert chinese.stdout == english.stdout


def test_a_file_that_may_not_be_read(httptrace, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(GOOD)

    opened = os.open

    def refuse(name, *arguments, **more):
        if name == str(path):
            raise PermissionError(13, os.strerror(13))
        return opened(name, *arguments, **more)

    monkeypatch.setattr(os, "open", refuse)  # root may read whatever there is
    result = httptrace("list", path, "--lang=zh")
    assert result.err == f"httptrace: {path}：无法打开：权限不够\n"


def test_the_locale_asks_for_it_too(httptrace, monkeypatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert httptrace("list", "no-such-file").err == "httptrace: no-such-file：无法打开：没有这个文件或目录\n"


def test_a_language_that_there_is_not_is_refused_in_the_locales(httptrace, monkeypatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "参数 --lang：没有 'xx' 这一项" in httptrace("list", "x", "--lang=xx").err


def run(command: str) -> subprocess.CompletedProcess[bytes]:
    """As a shell runs it: `{httptrace}` is the program."""
    program = f"'{sys.executable}' -m httptrace"
    return subprocess.run(
        ["sh", "-c", command.format(httptrace=program, file=CAPTURES / "first-page.pcap")],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("verb", ["list", "list --format jsonl", "packets", "summary"])
def test_a_full_disk_is_one_line(verb: str) -> None:
    done = run(f"{{httptrace}} {verb} {{file}} --lang zh > /dev/full")
    assert (done.returncode, done.stderr.decode()) == (1, "httptrace: 输出写不进去了：磁盘空间已满\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("asked", ["--version", "--help", "list --help"])
def test_a_full_disk_is_one_line_where_help_is_asked_for(asked: str) -> None:
    done = run(f"LC_ALL=C {{httptrace}} {asked} > /dev/full")
    said = b"httptrace: the output takes no more: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.skipif(os.name == "nt", reason="descriptors are closed by a shell")
def test_a_closed_stdout_is_the_null_device() -> None:
    done = run("{httptrace} list {file} >&-")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="descriptors are closed by a shell")
def test_complaints_do_not_go_to_stdout_where_stderr_is_closed() -> None:
    done = run("{httptrace} list no-such-file 2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("shell", ["{} 2>/dev/full", "exec 3>&1; {} 2>&1 >&3 | true"], ids=["full", "nobody-reads-it"])
def test_a_stderr_that_takes_no_more_costs_no_record(shell: str, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(GOOD[:-20])
    command = f"{{httptrace}} list --format jsonl {path}"
    assert run(shell.replace("{}", command)).stdout == run(command).stdout != b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_the_exit_status_says_what_a_full_stderr_cannot() -> None:
    assert run("{httptrace} list no-such-file 2>/dev/full").returncode == 2
