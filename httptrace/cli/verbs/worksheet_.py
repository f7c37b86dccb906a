"""`httptrace worksheet`: a lab sheet made from a capture, its key, and marks for a filled one."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from httptrace import limits
from httptrace.cli import arguments as common
from httptrace.cli import written
from httptrace.cli.run import complain
from httptrace.cli.verbs.quiz_ import add_seed, seed_of
from httptrace.errors import FileError, UsageError, reason
from httptrace.lang import _

if TYPE_CHECKING:
    from httptrace.teach.lesson import Talk

#: How a page's file ends, and Markdown's.
_PAGES, _TEXTS = (".html", ".htm", ".xhtml"), (".md", ".markdown", ".txt")


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    written.add_output(
        parser, _("write to this file: .html is a page to fill in, .md Markdown (default: Markdown, printed)")
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--key", action="store_true", help=_("the same sheet with all answers"))
    what.add_argument(
        "--grade", metavar="FILE", help=_("mark this file of answers (answers.json, saved from the page)")
    )
    add_seed(parser, _("another exchange, other examples and questions (default: 0)"))
    parser.add_argument(
        "--stream", metavar="N", action="append", default=[], help=_("the connection (default: the first with HTTP)")
    )
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    path = arguments.output
    is_page = _is_page(path)
    if path is not None:
        written.check(path, arguments.force)
    if len(arguments.stream) > 1:
        raise UsageError(_("a worksheet is about one connection; give one --stream"))
    if arguments.grade is not None:
        return _grade(arguments, is_page)
    from httptrace.outputs.worksheet import page
    from httptrace.teach.worksheet.building import build

    status, talk = _talk(arguments, None)
    sheet = build(talk, _named(arguments.files), seed_of(arguments))
    _give(arguments, (page.html if is_page else page.markdown)(sheet, arguments.key))
    return status


def _is_page(path: str | None) -> bool:
    """Whether the sheet is to be a page. Raises UsageError where the file's name says neither."""
    if path is None or path == "-":
        return False
    ending = os.path.splitext(path)[1].lower()
    if ending in _PAGES:
        return True
    if ending in _TEXTS or not ending:
        return False
    raise UsageError(_("{path}: a worksheet is .html or .md").format(path=path))


def _talk(arguments: argparse.Namespace, stream: int | None) -> tuple[int, Talk]:
    """The exit status, and the connection that the sheet is about."""
    from httptrace.cli.lesson import Reading, streams_of

    asked = streams_of(arguments) if stream is None else [stream]
    reading = Reading(arguments.files, asked, arguments.bounds)
    talks = reading.lesson.talks
    if not talks:
        raise UsageError(_("there is no TCP connection in this capture; httptrace summary says what is"))
    if reading.lesson.cut:
        complain(
            _("the sheet is about the first {count:,} packets of this capture").format(count=limits.LESSON_PACKETS)
        )
    whole = [talk for talk in talks if any(one.request and one.response for one in talk.exchanges)]
    return reading.status, (whole or talks)[0]


def _grade(arguments: argparse.Namespace, is_page: bool) -> int:
    from httptrace.outputs.worksheet import marks as report
    from httptrace.outputs.worksheet import page
    from httptrace.teach.worksheet.building import build
    from httptrace.teach.worksheet.marking import AnswersError, marked, read

    if arguments.seed is not None or arguments.stream:
        raise UsageError(_("--grade takes seed and stream from the file of answers"))
    try:
        answers = read(_content(arguments.grade))
    except AnswersError as error:
        raise FileError(arguments.grade, str(error)) from error
    status, talk = _talk(arguments, answers.stream)
    sheet = build(talk, _named(arguments.files), answers.seed)
    if sheet.capture != answers.capture:
        raise UsageError(_("{file}: these answers belong to another capture").format(file=arguments.grade))
    marks = marked(sheet, answers.given)
    if arguments.output is not None:
        write = page.html if is_page else page.markdown
        _give(arguments, write(sheet, False, marks, answers.student))
    if arguments.output != "-":
        sys.stdout.write(report.report(sheet, marks, answers.student, common.width(), common.colour()))
    return status


def _content(path: str) -> bytes:
    """All of the file of answers, `-` standing for standard input."""
    try:
        if path == "-":
            content = sys.stdin.buffer.read(limits.ANSWERS + 1)
        else:
            with open(path, "rb") as file:
                content = file.read(limits.ANSWERS + 1)
    except OSError as error:
        raise FileError(path, reason(error)) from error
    if len(content) > limits.ANSWERS:
        raise UsageError(
            _("{path}: more than {most:,} bytes are no file of answers").format(path=path, most=limits.ANSWERS)
        )
    return content


def _named(files: list[str]) -> str:
    """The capture's name on the sheet: without its folder, which is the teacher's own."""
    return ", ".join(os.path.basename(file) for file in files[:3]) + (" …" if len(files) > 3 else "")


def _give(arguments: argparse.Namespace, text: str) -> None:
    if arguments.output is None:
        sys.stdout.write(text)
        return
    written.write(arguments.output, text.encode("utf-8", "backslashreplace"), arguments.force)
    if arguments.output != "-" and arguments.grade is None:
        sys.stdout.write(_("{path} is written").format(path=common.as_typed([arguments.output])) + "\n")
