"""Opening: what is refused and in which words, standard input, pipes, blocks of streams."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from httptrace.capture.blocks import FileBlocks, RawFile, SourceError, StreamBlocks
from httptrace.capture.merge import open_captures
from httptrace.capture.open import REFUSED, open_capture
from httptrace.errors import CaptureError, UsageError
from tests.capture.captures import as_seen, mixed_pcapng, sample_packets, save, seen

PACKETS = sample_packets(50)


class Stdin:
    """What `sys.stdin` is to us."""

    def __init__(self, buffer: io.BufferedIOBase) -> None:
        self.buffer = buffer


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", r"is empty \(0 bytes\)", id="nothing"),
        pytest.param(b"\xd4\xc3", "no capture", id="half-a-magic"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "it begins with 47 45 54 20", id="text"),
    ],
)
def test_no_capture(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "it"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        open_capture(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("magic", "name"), REFUSED, ids=[magic.hex() for magic, _ in REFUSED])
def test_other_formats_are_named(tmp_path: Path, magic: bytes, name: str) -> None:
    path = tmp_path / "it"
    path.write_bytes(magic + bytes(100))
    with pytest.raises(UsageError) as caught:
        open_capture(str(path))
    assert f"is {name}, which is not read" in str(caught.value)


def test_paths_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        open_capture(str(tmp_path))
    with pytest.raises(UsageError, match=r"missing: cannot be opened: "):
        open_capture(str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="cannot be opened"):
        open_capture("a\0b")


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Path(save(tmp_path / "it", PACKETS)).read_bytes()
    stream = io.BytesIO(content)
    monkeypatch.setattr(sys, "stdin", Stdin(stream))
    with open_captures(["-"]) as captures:
        assert [seen(frame) for frame in captures.frames()] == as_seen(PACKETS)
        assert (captures.size, captures.bytes_read) == (None, len(content))
    assert not stream.closed


def test_standard_input_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(Terminal()))
    with pytest.raises(UsageError, match="is a terminal"):
        open_capture("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="no standard input"):
        open_capture("-")


def test_a_pipe_gives_each_packet_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A live `tcpdump -w -`: a packet that has arrived whole does not wait for the next one."""
    content = Path(save(tmp_path / "it", [(1, b"first"), (2, b"second")])).read_bytes()
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stream, os.fdopen(write_end, "wb", buffering=0) as sender:
        monkeypatch.setattr(sys, "stdin", Stdin(stream))
        sender.write(content[:48])  # the first record, and 3 bytes of the next
        with open_capture("-") as capture:
            frames = capture.frames()
            assert seen(next(frames))[0] == b"first"
            sender.write(content[48:])
            assert seen(next(frames))[0] == b"second"
            sender.close()
            assert next(frames, None) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("content", [mixed_pcapng(), None], ids=["pcapng", "nothing"])
def test_named_pipe(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content or b"",))
    writer.start()
    if content is None:
        with pytest.raises(UsageError, match="empty"):
            open_capture(str(path))
    else:
        with open_capture(str(path)) as capture:
            assert len(list(capture.frames())) == 4
            assert capture.size is None
    writer.join()


class Pieces:
    """A source that gives the alphabet a few letters at a time and then breaks."""

    def __init__(self, size: int) -> None:
        self.taken = 0
        self._size = size

    def read(self, size: int) -> bytes:
        if self.taken == 26:
            raise SourceError("the letters ran out")
        piece = bytes(range(97, 123))[self.taken : self.taken + min(size, self._size)]
        self.taken += len(piece)
        return piece


@pytest.mark.parametrize("size", [1, 2, 5, 26])
def test_stream_blocks(size: int) -> None:
    blocks = StreamBlocks("it", Pieces(size), size=4)
    assert blocks.at(0, 2)[:2] == b"ab"
    assert blocks.at(1, 3)[:3] == b"bcd"
    assert blocks.at(3, 9)[:9] == b"defghijkl"  # more than a block
    assert blocks.at(20, 2)[:2] == b"uv"  # stepped over
    rest = blocks.at(24, 9)
    assert rest == b"yz"
    assert (blocks.bytes_read, blocks.end, blocks.broken) == (26, 26, "the letters ran out")
    error = blocks.cut(24, rest, 9, "a record")
    assert (error.offset, error.problem) == (26, "the letters ran out")
    assert blocks.at(40, 1) == b""


@pytest.mark.parametrize("pread", [True, False], ids=["pread", "seek-and-read"])
@pytest.mark.parametrize("hold", [True, False], ids=["held-open", "opened-for-each-block"])
def test_file_blocks(tmp_path: Path, hold: bool, pread: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not pread:
        monkeypatch.delattr(os, "pread", raising=False)  # as on Windows
    path = tmp_path / "it"
    path.write_bytes(bytes(range(97, 123)))
    file = RawFile(str(path), os.open(path, os.O_RDONLY), hold)
    blocks = FileBlocks(str(path), file, size=4)
    assert blocks.at(0, 2) == b"abcd"
    assert blocks.at(3, 9) == b"defghijkl"
    assert blocks.at(24, 2) == b"yz"
    assert blocks.at(26) == b""
    assert (file.read(3), file.read(99)) == (b"abc", b"defghijklmnopqrstuvwxyz")
    blocks.close()


def test_a_file_that_is_replaced_meanwhile(tmp_path: Path) -> None:
    path = Path(save(tmp_path / "it", PACKETS))
    with open_capture(str(path), hold=False, block_size=512) as capture:
        frames = capture.frames()
        next(frames)
        save(tmp_path / "other", PACKETS)
        os.replace(tmp_path / "other", path)
        with pytest.raises(CaptureError, match="was replaced"):
            list(frames)


def test_a_read_error_is_damage(tmp_path: Path) -> None:
    path = save(tmp_path / "it", PACKETS)
    with open_capture(path, hold=False, block_size=512) as capture:
        frames = capture.frames()
        next(frames)
        os.remove(path)
        with pytest.raises(CaptureError, match="reading failed: ") as caught:
            list(frames)
        assert caught.value.offset > 24
