"""`httptrace completion`: a script that teaches a shell to complete httptrace's commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from httptrace.lang import _

SHELLS = ("bash", "zsh", "tcsh")

#: Arguments that name files, by their metavar.
_FILES = frozenset(("FILE", "FOLDER"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "shell",
        metavar="SHELL",
        choices=SHELLS,
        help=_('bash, zsh or tcsh; for bash: eval "$(httptrace completion bash)" in ~/.bashrc'),
    )


def run(arguments: argparse.Namespace) -> int:
    import shtab

    from httptrace.cli.arguments import build

    parser = build()
    _complete_files(parser, shtab.FILE)
    script: str = shtab.complete(parser, arguments.shell)
    sys.stdout.write(script.rstrip("\n") + "\n")
    return 0


def _complete_files(parser: argparse.ArgumentParser, how: Mapping[str, object]) -> None:
    """Mark every argument that takes a file, of this parser and of its commands."""
    for action in parser._actions:  # argparse has no public way to ask; shtab reads the same
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command, how)
        elif action.metavar in _FILES:
            action.complete = how  # type: ignore[attr-defined]
