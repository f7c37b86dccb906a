"""The arguments of every command. Each verb is a module of :mod:`httptrace.cli.verbs`, imported when it is used."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module

from httptrace import __version__, limits
from httptrace.cli import bounds
from httptrace.cli.parser import Parser, speak
from httptrace.errors import UsageError
from httptrace.lang import LANGUAGES, N_, _, use
from httptrace.limits import STANDARD

#: The verbs, in the order in which help lists them: name, one line about it.
VERBS = {
    "walk": N_("tell one connection packet by packet: No1, No2, …"),
    "summary": N_("the first look at a large capture"),
    "list": N_("one row an exchange"),
    "show": N_("one exchange whole: heads, bodies, packets, timings, notes"),
    "report": N_("exchanges, packets and bytes as one HTML file for a browser"),
    "follow": N_("the bytes of one connection, as they were sent"),
    "streams": N_("one row a TCP connection"),
    "packets": N_("one row a TCP packet"),
    "live": N_("the exchanges on the wire, as they end"),
    "interfaces": N_("what can be captured live, and whether this user may"),
    "audit": N_("the ledger: where every captured byte went"),
    "explain": N_("what a status code, header field, method, flag or note means"),
    "quiz": N_("asks before it tells: numbers, flags, states of this capture"),
    "worksheet": N_("a lab sheet made from this capture: blank, with its key, or marked"),
    "demo": N_("a capture made for teaching: handshake, loss, zero window …"),
    "completion": N_("a completion script for bash, zsh or tcsh"),
}

_HARMLESS_PATTERN = re.compile(r"[\w./+-]*[*?][\w./+*?-]*", re.ASCII)

#: What `httptrace FILE...` does.
LOOK = "look"


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments, with `run` the function to call. Raises UsageError."""
    asked = _language_of(argv)
    use(asked if asked in LANGUAGES else None)  # what is wrong with another one is said in the locale's
    speak()
    if (argv and not argv[0].startswith("-") and argv[0] not in VERBS) or (argv and argv[0] == "-"):
        _refuse_misspelt(argv[0])
        argv = [LOOK, *argv]
    parser = build(argv[0] if argv else None)
    arguments, behind = parser.parse_known_args(argv)
    if behind and hasattr(arguments, "files") and not any(one[:1] == "-" and one != "-" for one in behind):
        arguments.files += behind  # FILEs behind an option that stands behind FILEs: argparse takes one run of them
    elif behind:
        (parser.chosen or parser).error(_unrecognized(argv, behind))
    if not hasattr(arguments, "run"):
        parser.print_help()
        arguments.run = lambda _arguments: 0 if not argv else 2
    return arguments


def build(only: str | None = None) -> Parser:
    """The parser; with `only`, just that verb's arguments are built, the others are names."""
    parser = Parser(
        prog="httptrace",
        description=_("From a packet capture to the HTTP conversation that happened."),
        epilog=_("httptrace FILE: the walkthrough where the capture has one connection with HTTP, else the summary"),
    )
    parser.add_argument(
        "--version",
        "-V",
        action="version",
        version=f"httptrace {__version__}",
        help=_("show program's version number and exit"),
    )
    verbs = parser.add_subparsers(metavar=_("COMMAND"), title=_("commands"), parser_class=Parser)
    for verb, line in VERBS.items():
        _add(parser, verbs, verb, _(line), only)
    if only == LOOK:
        _add(parser, verbs, LOOK, _("the walkthrough or the summary"), only)
    return parser


def _add(parser: Parser, verbs: argparse._SubParsersAction[Parser], verb: str, line: str, only: str | None) -> None:
    sub = verbs.add_parser(verb, help=line, description=line)
    if only == verb and verb != LOOK:
        parser.chosen = sub
    if only is None or only == verb:
        module = import_module(f"httptrace.cli.verbs.{verb}_")
        module.arguments(sub)
        run: Callable[[argparse.Namespace], int] = module.run
        sub.set_defaults(run=run)


def _refuse_misspelt(word: str) -> None:
    """Raise UsageError where the first word names no file and is nearly a command."""
    import os

    meant = [] if os.path.exists(word) else _near(word, VERBS)
    if meant:
        raise UsageError(_("there is no file and no command {word}; perhaps: {near}").format(word=word, near=meant[0]))


def _unrecognized(argv: list[str], behind: list[str]) -> str:
    """What to say of arguments that nobody takes: the option that was meant, or the command it belongs to."""
    said = _("unrecognized arguments: {arguments}").format(arguments=" ".join(behind))
    option = behind[0].partition("=")[0]
    if not option.startswith("--"):
        return said
    if argv[0] == LOOK:
        for verb in ("walk", "summary", "list", "show", "report"):
            if option in options_of(verb):
                command = f"httptrace {verb} {as_typed(argv[1:2])} {option}"
                return _("{option} goes with a command: {command}").format(option=option, command=command)
        return said
    meant = _near(option[2:], [one[2:] for one in options_of(argv[0])])
    return _("{said}; perhaps: {near}").format(said=said, near=f"--{meant[0]}") if meant else said


def _near(word: str, words: Iterable[str]) -> list[str]:
    """The one of the words that was meant, if any."""
    from difflib import get_close_matches

    return get_close_matches(word, list(words), n=1, cutoff=0.7)


def options_of(verb: str) -> list[str]:
    """The long options that a command takes."""
    chosen = build(verb).chosen
    assert chosen is not None
    return [name for name in chosen._option_string_actions if name.startswith("--")]  # argparse has no public way


def _language_of(argv: list[str]) -> str | None:
    """The value of --lang, which has to be known before help is built."""
    for index, argument in enumerate(argv):
        if argument == "--lang" and index + 1 < len(argv):
            return argv[index + 1]
        if argument.startswith("--lang="):
            return argument[7:]
    return None


def add_files(parser: argparse.ArgumentParser) -> None:
    """FILE..., as every command that reads captures takes it."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help=_("pcap or pcapng, also .gz .zst .xz .lz4; - is standard input; several are read as one, by time"),
    )


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """--bounds, for commands that read packets: last in their help, because few need it and it is long."""
    parser.add_argument_group(_("memory")).add_argument(
        "--bounds",
        metavar="NAME=VALUE,…",
        type=bounds.bounds,
        default=STANDARD,
        help=_("keep more or less than this (several with a comma between):") + "\n" + bounds.explained(),
    )


def add_follow(parser: argparse.ArgumentParser) -> None:
    """--follow and --duration, for commands whose records can be given as they come."""
    group = parser.add_argument_group(_("captures that are being written"))
    group.add_argument(
        "--follow",
        action="store_true",
        help=_("go on as the files grow, until Ctrl-C; 'DIR/*.pcap' in quotes goes on over files that are rotated"),
    )
    group.add_argument("--duration", metavar="TIME", help=_("with --follow: end after so long, such as 30s or 10min"))


def add_language(parser: argparse.ArgumentParser) -> None:
    """--lang, for commands that print prose."""
    parser.add_argument(
        "--lang", choices=("en", "zh"), default=None, help=_("language of the prose (default: the locale's)")
    )


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """--format; the first is the default."""
    parser.add_argument(
        "--format",
        choices=formats,
        default=formats[0],
        help=_("how to print (default: {format})").format(format=formats[0]),
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """--jobs, for commands whose work can be shared."""
    parser.add_argument(
        "--jobs",
        metavar="N",
        default="1",
        help=_(
            "N worker processes read the HTTP, this one the packets "
            "(default: 1, this one does both; so with a pipe); auto: where it gains"
        ),
    )


def jobs(arguments: argparse.Namespace) -> int:
    """How many worker processes are to read the files; 1 is none beside this one, as for a pipe. Raises UsageError."""
    from httptrace.lang.numbers import whole_number

    value: str = arguments.jobs
    if getattr(arguments, "follow", False):
        if value not in ("1", "auto"):
            raise UsageError(_("--follow reads in one process; leave --jobs out"))
        return 1
    if value == "auto":
        from httptrace.workers.auto import jobs_that_gain

        return jobs_that_gain(arguments.files)
    number = whole_number(value)
    if number is None or not 1 <= number <= limits.JOBS:
        raise UsageError(_("--jobs {value}: a number from 1 to {most}, or auto").format(value=value, most=limits.JOBS))
    if number > 1:
        from httptrace.capture.open import is_file

        if not all(map(is_file, arguments.files)):  # what workers are not sure of has to be read a second time
            return 1
    return number


def as_typed(files: list[str]) -> str:
    """The files as a shell takes them, for a proposed command."""
    import shlex

    from httptrace.outputs.safe import safe

    if "-" in files:  # what came through a pipe cannot be read again
        return "FILE"
    if len(files) > 3:
        return "FILE..."
    # A pattern that --follow took in quotes is for the shell to expand where it is only read.
    return " ".join(file if _HARMLESS_PATTERN.fullmatch(file) else shlex.quote(safe(file)) for file in files)


def width() -> int:
    """Columns of the terminal; where there is none, those that COLUMNS asks for, else 80."""
    import os
    import shutil

    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return 80
    return max(60, shutil.get_terminal_size((80, 24)).columns)


def colour() -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set."""
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
