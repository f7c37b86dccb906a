"""Texts of the rooms that know no languages: English as they are, and in Chinese where they are printed."""

from __future__ import annotations

import errno
import os
import pickle

import pytest

from httptrace.capture.live.source import FilterError, NoInterfaceError
from httptrace.errors import CaptureError, FileError, HttptraceError, Said, UsageError, WorkerError, reason
from httptrace.lang import speaking, told

CUT = Said(
    "the file ends inside {what}: {need:,} bytes expected, {there:,} there", what=Said("a record"), need=1530, there=224
)
CUT_IN_CHINESE = "文件在一条记录中间结束：应有 1,530 字节，只有 224 字节"


def test_it_is_its_english_wherever_a_text_is_wanted() -> None:
    assert CUT == "the file ends inside a record: 1,530 bytes expected, 224 there"
    assert f"{CUT}" == str(CUT) == told(CUT)


def test_the_values_are_told_too() -> None:
    with speaking("zh"):
        assert told(CUT) == CUT_IN_CHINESE
    assert told(CUT) == str(CUT)


@pytest.mark.parametrize("text", ["", "is a directory", "{path}: {problem}", "中文"])
def test_a_plain_text_stays(text: str) -> None:
    with speaking("zh"):
        assert told(text) == text


def test_values_are_no_templates() -> None:
    error = FileError("{path}{0}%s.pcap", Said("is a directory"))
    assert str(error) == "{path}{0}%s.pcap: is a directory"
    with speaking("zh"):
        assert told(error.text) == "{path}{0}%s.pcap：是目录"


@pytest.mark.parametrize(
    "error",
    [
        UsageError(Said("no capture was named")),
        FileError("x.pcap", Said("is a directory")),
        CaptureError("{x}.pcap", 7_000, CUT),
        WorkerError("a worker"),
        FilterError("tcp {", "syntax error"),
        NoInterfaceError("eth9"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_can_be_sent_to_another_process(error: HttptraceError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    with speaking("zh"):
        assert told(again.text) == told(error.text)


@pytest.mark.parametrize(
    ("number", "chinese"),
    [
        (errno.ENOENT, "没有这个文件或目录"),
        (errno.EACCES, "权限不够"),
        (errno.EPERM, "不允许此操作"),
        (errno.EISDIR, "是目录"),
        (errno.ENOTDIR, "不是目录"),
        (errno.ENOSPC, "磁盘空间已满"),
        (errno.EPIPE, "管道已断开"),
        (errno.EMFILE, "打开的文件过多"),
        (errno.EIO, "输入输出错误"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else "",
)
def test_what_systems_refuse_most(number: int, chinese: str) -> None:
    why = reason(OSError(number, os.strerror(number)))
    assert why == os.strerror(number)
    with speaking("zh"):
        assert told(why) == chinese


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(OSError(errno.ELOOP, "too many links"), "too many links", id="seldom"),
        pytest.param(OSError("in other words"), "in other words", id="no number"),
        pytest.param(ValueError("embedded null byte"), "embedded null byte", id="of Python"),
    ],
)
def test_the_rest_is_in_its_own_words(error: OSError | ValueError, words: str) -> None:
    with speaking("zh"):
        assert told(reason(error)) == words
