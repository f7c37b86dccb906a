"""`httptrace quiz`: asks before it tells."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from httptrace import limits
from httptrace.cli import arguments as common
from httptrace.cli.run import complain
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.lang.numbers import whole_number

if TYPE_CHECKING:
    from httptrace.teach.questions.question import Question

#: Questions of one sitting, unless --count asks for another number.
_COUNT = 10

#: What ends the quiz when it is typed as an answer.
_QUIT = frozenset(("q", "quit", "exit", "退出", "结束"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help=_("pcap or pcapng, also .gz .zst .xz .lz4; several are read as one, by time"),
    )
    parser.add_argument(
        "--level",
        choices=("1", "2", "3"),
        help=_(
            "1 handshake, flags, status; 2 numbers, bodies, close; 3 loss, windows, states, time (default: all of them)"
        ),
    )
    parser.add_argument(
        "--count", metavar="N", default=str(_COUNT), help=_("at most so many questions (default: {n})").format(n=_COUNT)
    )
    add_seed(parser, _("other questions with another number (default: 0)"))
    parser.add_argument("--stream", metavar="N", action="append", default=[], help=_("only this connection"))
    common.add_bounds(parser)
    common.add_language(parser)


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """--seed N; `what` is its help."""
    parser.add_argument("--seed", metavar="N", help=what)


def seed_of(arguments: argparse.Namespace) -> int:
    """The number given with --seed, 0 without one. Raises UsageError."""
    if arguments.seed is None:
        return 0
    number = whole_number(arguments.seed)
    if number is None:
        raise UsageError(_("--seed {value}: a number").format(value=arguments.seed))
    return number


def run(arguments: argparse.Namespace) -> int:
    if "-" in arguments.files:
        raise UsageError(_("answers come from standard input, so the capture has to be a file"))
    count = whole_number(arguments.count)
    if not count:
        raise UsageError(_("--count {value}: a number above 0").format(value=arguments.count))
    from httptrace.cli.lesson import Reading, streams_of
    from httptrace.teach.questions.asking import chosen

    seed = seed_of(arguments)
    reading = Reading(arguments.files, streams_of(arguments), arguments.bounds)
    lesson = reading.lesson
    level = int(arguments.level) if arguments.level else None
    questions = chosen(lesson, level, seed, count)
    if not questions:
        raise UsageError(_nothing(lesson.packets, level))
    if lesson.cut:
        complain(
            _("the questions are about the first {count:,} packets of this capture").format(count=limits.LESSON_PACKETS)
        )
    _ask(arguments, seed, questions, several=len(lesson.talks) > 1)
    return reading.status


def _nothing(packets: int, level: int | None) -> str:
    """What to say where there is nothing to ask."""
    if not packets:
        return _("there is nothing to ask: this capture has no TCP packet (httptrace summary says what it has)")
    if level is not None:
        return _("there is nothing to ask at level {level}; without --level there may be").format(level=level)
    return _(
        "there is nothing to ask: no handshake, no data that was confirmed, no close and no HTTP in this capture "
        "(httptrace summary says what it has)"
    )


def _ask(arguments: argparse.Namespace, seed: int, questions: list[Question], several: bool) -> None:
    from httptrace.outputs import quiz as page
    from httptrace.outputs.paint import Paint

    width, paint = common.width(), Paint(common.colour())
    echo = not sys.stdin.isatty()
    results = []
    for number, question in enumerate(questions, 1):
        sys.stdout.write(page.question(question, number, len(questions), several, width, paint))
        given = _answer(echo)
        if given is None or given.strip().lower() in _QUIT:
            sys.stdout.write("\n")
            break
        right = question.answer.right(given) if given.strip() else None
        if right is not None:
            results.append((question, right))
        sys.stdout.write(page.verdict(question, right, width, paint))
    sys.stdout.write(page.score(results, len(questions), common.as_typed(arguments.files), seed, width, paint))


def _answer(echo: bool) -> str | None:
    """One line from standard input, None at its end; shown where nobody typed it."""
    from httptrace.outputs.safe import safe
    from httptrace.teach.answers import LONGEST

    sys.stdout.write("> ")
    sys.stdout.flush()
    line = sys.stdin.buffer.readline(64 * limits.KIB)
    if not line:
        return None
    given = line.decode("utf-8", "replace").strip("\ufeff\r\n")
    if echo:
        sys.stdout.write(safe(given[:LONGEST]) + "\n")
    return given
