"""Steps through a walk: what each key does, and what is on the page then. No terminal here.

The page is the walk up to the current step, as much of it as fits, the step itself at the end. Opening a step shows
all that there is to say of it; what is longer than the page is scrolled.
"""

from __future__ import annotations

from collections.abc import Sequence

from httptrace.lang import _
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.steps import COLOUR, Script, Step
from httptrace.outputs.wrap import cell_width, in_rows, pad, shorten

#: What the keys do. A key is a character, or the name that its terminal's sequence stands for.
_KEYS = {
    **dict.fromkeys(("right", "n", "l"), "next"),
    **dict.fromkeys(("down", "space", "j", "page-down"), "on"),
    **dict.fromkeys(("left", "p", "b"), "back"),
    **dict.fromkeys(("up", "k", "page-up"), "up"),
    **dict.fromkeys(("enter", "o", "w"), "open"),
    **dict.fromkeys(("home", "g"), "first"),
    **dict.fromkeys(("end", "G"), "last"),
    **dict.fromkeys(("?", "h"), "help"),
    **dict.fromkeys(("q", "Q", "end-of-input"), "quit"),
}

#: The same where commands come as lines; an empty line goes on.
_WORDS = {
    **_KEYS,
    **dict.fromkeys(("", "next", "forward"), "next"),
    **dict.fromkeys(("back", "previous"), "back"),
    **dict.fromkeys(("open", "why"), "open"),
    **dict.fromkeys(("first", "home"), "first"),
    **dict.fromkeys(("last", "end"), "last"),
    "help": "help",
    **dict.fromkeys(("quit", "exit"), "quit"),
}

#: Digits of a packet's number.
_DIGITS = 12


class Stepper:
    """Where one is in a walk. :meth:`press` takes a key, :meth:`page` gives the lines of the page."""

    def __init__(self, script: Script, *, colour: bool = False, width: int = 80, height: int = 24) -> None:
        assert script.steps, "a walk has at least one step"
        self.script = script
        self.at = 0
        self.opened = False
        self.helping = False
        self.done = False
        self.typed = ""
        self._said = ""
        self._top = 0  # the first line of the current step that is shown, where it is longer than the page
        self._paint = Paint(colour)
        self.resize(width, height)

    @property
    def step(self) -> Step:
        """The current step."""
        return self.script.steps[self.at]

    def resize(self, width: int, height: int) -> None:
        """The page has so many columns and rows now."""
        self._width, self._height = max(1, width), max(2, height)
        self._scroll(0)

    def replace(self, script: Script) -> None:
        """The same walk laid out anew."""
        self.script = script
        self.at = min(self.at, len(script.steps) - 1)
        self._scroll(0)

    def press(self, key: str) -> None:
        """Do what a key stands for; one that stands for nothing changes nothing."""
        self._said = ""
        if len(key) == 1 and key in "0123456789":
            self.typed = (self.typed + key)[-_DIGITS:]
        elif key == "backspace" and self.typed:
            self.typed = self.typed[:-1]
        elif key == "escape":
            self._escape()
        elif key == "enter" and self.typed:
            self._jump(int(self.typed))
        else:
            self.typed = ""
            self._do(_KEYS.get("left" if key == "backspace" else key, ""))

    def command(self, line: str) -> list[str]:
        """Do what a line says, and give the lines to print; empty at the end."""
        word = line.strip()
        self._said = ""
        before = self.at, self.opened
        if word.isascii() and word.isdigit():
            self._jump(int(word[:_DIGITS]))
        elif word not in _WORDS:
            return [_("{command}? The commands: {commands}").format(command=safe(shorten(word, 20)), commands=COMMANDS)]
        elif _WORDS[word] == "help":
            return _help()
        else:
            self._do({"on": "next", "up": "back"}.get(_WORDS[word], _WORDS[word]))
        if self.done:
            return []
        if (self.at, self.opened) == before and self._said:
            return [self._said]
        return [*filter(None, [self._said]), *self.block()]

    def block(self) -> list[str]:
        """The lines of the current step, opened or not, with what stands above it."""
        step = self.step
        inside = self.script.opened(step) if self.opened else []
        if self.script.drawing:
            words = inside or step.words
            return [*step.above, *step.lines, *(["", *words] if words else [])]
        return [*step.above, *(inside or step.lines)]

    def page(self) -> list[str]:
        """As many lines as the page has rows, none wider than it: the walk up to here, and what one may do."""
        room = self._height - 1
        if self.helping:
            lines = _help()[:room]
        else:
            block = self.block()
            lines = block[self._top : self._top + room]
            place = self.at
            while len(lines) < room and place > 0:
                place -= 1
                before = self.script.steps[place]
                dim = [self._paint(COLOUR.sub("", line), "dim") for line in [*before.above, *before.lines]]
                lines = dim[max(0, len(dim) - (room - len(lines))) :] + lines
        lines = [fit(line, self._width) for line in lines]
        return [*lines, *[""] * (room - len(lines)), self._paint(fit(self._status(), self._width), "heading")]

    def _do(self, action: str) -> None:
        if self.helping:
            self.helping = False
            if action != "quit":
                return
        rest = len(self.block()) - (self._height - 1) - self._top  # lines below the page
        match action:
            case "on" if rest > 0:
                self._scroll(self._height - 2)
            case "up" if self._top > 0:
                self._scroll(-(self._height - 2))
            case "next" | "on":
                self._go(self.at + 1)
            case "back" | "up":
                self._go(self.at - 1)
            case "first":
                self._go(0)
            case "last":
                self._go(len(self.script.steps) - 1)
            case "open":
                self.opened = not self.opened
                self._top = 0
            case "help":
                self.helping = True
            case "quit":
                self.done = True

    def _escape(self) -> None:
        """Leave what was begun last: a number, the help, an open step."""
        if self.typed:
            self.typed = ""
        elif self.helping:
            self.helping = False
        else:
            self.opened, self._top = False, 0

    def _go(self, place: int) -> None:
        last = len(self.script.steps) - 1
        if place > last:
            self._said = _("This is the end of the walk.")
        elif place < 0:
            self._said = _("This is the beginning of the walk.")
        else:
            self.at, self.opened, self._top = place, False, 0

    def _jump(self, packet: int) -> None:
        """Go to the step that is about a packet, or to the first behind it."""
        self.typed, self.helping = "", False
        steps = self.script.steps
        found = next((i for i, step in enumerate(steps) if step.first and step.first <= packet <= step.last), None)
        if found is None:
            found = next((i for i, step in enumerate(steps) if step.first > packet), len(steps) - 1)
            self._said = _("No{packet} is not in this walk.").format(packet=packet)
        self.at, self.opened, self._top = found, False, 0

    def _scroll(self, lines: int) -> None:
        self._top = max(0, min(self._top + lines, len(self.block()) - (self._height - 1)))

    def _status(self) -> str:
        """The last row: where one is, and what one may do."""
        if self.typed:
            return _("go to No{number}, Enter").format(number=self.typed)
        place = f"{self.at + 1}/{len(self.script.steps)}"
        where = "  ".join(filter(None, [self.step.label, place, self._said]))
        more = not self.helping and len(self.block()) - self._top > self._height - 1
        hints = [
            where,
            *([_("Space more")] if more else []),
            _("→ next"),
            _("← back"),
            _("Enter closes") if self.opened else _("Enter opens"),
            _("q quit"),
            _("? help"),
        ]
        return in_rows(hints, self._width)[0]


#: The commands that come as lines, as help lists them.
COMMANDS = "next back open first last 12 help quit"


def fit(line: str, width: int) -> str:
    """A line with its colours in at most `width` cells."""
    bare = COLOUR.sub("", line)
    if cell_width(bare) <= width:
        return line
    if bare == line:
        return shorten(line, width)
    kept, used, start = [], 0, 0
    for colour in [*COLOUR.finditer(line), None]:
        text = line[start : colour.start() if colour else len(line)]
        kept.append(shorten(text, width - used) if used < width else "")
        used += cell_width(text)
        if colour:
            kept.append(colour[0])
            start = colour.end()
    return "".join(kept)


def _help() -> list[str]:
    """What the keys do."""
    rows: Sequence[tuple[str, str]] = (
        ("→  n", _("the next step")),
        ("←  p", _("the step before")),
        (_("Space  ↓  j"), _("on: the rest of a long step, then the next one")),
        ("↑  k", _("up: the part above, then the step before")),
        (_("Enter  o"), _("open the step: reasons, header fields, each packet of a run")),
        (_("12 Enter"), _("go to No12")),
        (_("Home  g"), _("the first step")),
        (_("End  G"), _("the last step")),
        ("q", _("quit")),
    )
    widest = max(cell_width(keys) for keys, _text in rows)
    return ["", *(f"  {pad(keys, widest)}   {text}" for keys, text in rows), ""]
