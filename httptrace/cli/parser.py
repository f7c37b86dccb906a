"""argparse in the house's voice: complaints of one line, help in the chosen language and in cells of a terminal."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from httptrace.errors import UsageError
from httptrace.lang import N_, _, current, ngettext
from httptrace.outputs.wrap import cell_width, wrap

#: What argparse says of its own accord and a command line of ours can meet, so that the catalogue has it.
OF_ARGPARSE = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
)


def speak() -> None:
    """Let argparse say its own words in the current language.

    It looks them up with the gettext functions that its module imported, and those know only one catalogue for the
    whole process, chosen by the environment: --lang could not reach them. So it is given ours. They give a text back
    as it is where the language is English, so nothing has to be undone.
    """
    if current() != "en":
        vars(argparse).update(_=_, ngettext=ngettext)


class Help(argparse.HelpFormatter):
    """Breaks lines where Chinese may break, by the cells they take; its colons are those of the language."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._headings: list[str] = []

    def start_section(self, heading: str | None) -> None:
        if heading:
            self._headings.append(heading)
        super().start_section(heading)

    def format_help(self) -> str:
        text = super().format_help()
        for heading in self._headings:
            text = text.replace(f"\n{heading}:\n", "\n" + _("{heading}:").format(heading=heading) + "\n")
        return text

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(wrap(" ".join(text.split()), width, indent))

    def _format_usage(self, *arguments: Any) -> str:
        prefix = _("usage: ")
        wider = cell_width(prefix) - len(prefix)  # argparse counts characters
        self._width -= wider
        usage: str = super()._format_usage(*arguments)
        self._width += wider
        return usage.replace("\n ", "\n " + " " * wider)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, with exit status 2."""

    #: The parser of the command that was named, in the one of all commands.
    chosen: Parser | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Help, **options})

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stdout).write(message)  # argparse keeps silent where the output takes no more

    def error(self, message: str) -> NoReturn:
        command = f"httptrace {self.prog.partition(' ')[2]} --help".replace("  ", " ")
        raise UsageError(_("{problem} ({command})").format(problem=message, command=command))
