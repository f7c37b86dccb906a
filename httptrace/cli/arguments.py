"""The arguments of every command. Each verb is a module of :mod:`httptrace.cli.verbs`, imported when it is used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from httptrace import __version__
from httptrace.cli import bounds
from httptrace.cli.parser import Parser, speak
from httptrace.lang import N_, _, use
from httptrace.limits import STANDARD

#: The verbs, in the order in which help lists them: name, one line about it.
VERBS = {
    "walk": N_("tell one connection packet by packet: No1, No2, …"),
    "summary": N_("the first look at a large capture"),
    "list": N_("one row an exchange"),
    "show": N_("one exchange whole: heads, bodies, packets, timings, notes"),
    "follow": N_("the bytes of one connection, as they were sent"),
    "streams": N_("one row a TCP connection"),
    "packets": N_("one row a TCP packet"),
    "audit": N_("the ledger: where every captured byte went"),
    "explain": N_("what a status code, header field, method, flag or note means"),
    "completion": N_("a completion script for bash, zsh or tcsh"),
}

#: What `httptrace FILE...` does.
LOOK = "look"


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments, with `run` the function to call. Raises UsageError."""
    use(_language_of(argv))
    speak()
    if (argv and not argv[0].startswith("-") and argv[0] not in VERBS) or (argv and argv[0] == "-"):
        argv = [LOOK, *argv]
    parser = build(argv[0] if argv else None)
    arguments, behind = parser.parse_known_args(argv)
    if behind and hasattr(arguments, "files") and not any(one[:1] == "-" and one != "-" for one in behind):
        arguments.files += behind  # FILEs behind an option that stands behind FILEs: argparse takes one run of them
    elif behind:
        parser.error(_("unrecognized arguments: {arguments}").format(arguments=" ".join(behind)))
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
        _add(verbs, verb, _(line), only)
    if only == LOOK:
        _add(verbs, LOOK, _("the walkthrough or the summary"), only)
    return parser


def _add(verbs: argparse._SubParsersAction[Parser], verb: str, line: str, only: str | None) -> None:
    sub = verbs.add_parser(verb, help=line, description=line)
    if only is None or only == verb:
        module = import_module(f"httptrace.cli.verbs.{verb}_")
        module.arguments(sub)
        run: Callable[[argparse.Namespace], int] = module.run
        sub.set_defaults(run=run)


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
    parser.add_argument(
        "--bounds",
        metavar="NAME=VALUE,…",
        type=bounds.bounds,
        default=STANDARD,
        help=_("keep more or less in memory ({names})").format(names=bounds.explained()),
    )


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


def as_typed(files: list[str]) -> str:
    """The files as a shell takes them, for a proposed command."""
    import shlex

    from httptrace.outputs.safe import safe

    if "-" in files:  # what came through a pipe cannot be read again
        return "FILE"
    return shlex.join(safe(file) for file in files) if len(files) < 4 else "FILE..."


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
