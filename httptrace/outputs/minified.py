"""JavaScript and CSS that were sent as one long line, broken into lines for reading.

Only white space is added, and only where the tokens are beyond doubt: a string, comment, template or regular
expression whose end is unclear, or brackets that do not match, and the text is left as it was sent.
"""

from __future__ import annotations

import re

#: A line of this many characters, in a text whose lines are long on the whole, was not written by hand.
_LONG = 500
_AVERAGE = 200

_STEP = "  "
_DEEPEST = 40
_GROWTH = 3
_ALWAYS = 64 * 1024

_STOP = re.compile(r"""[(){}\[\];/`"']""")
_STRING = re.compile(r"""(["'])(?:(?!\1)[^\\\n]|\\.)*+\1""", re.S)
_TEMPLATE = re.compile(r"`(?:[^`\\]|\\.)*+`", re.S)
_EXPRESSION = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/[a-z]*+")
_WORD = re.compile(r"(?:return|typeof|case|in|of|delete|void|throw|else|do|yield|await)\Z")

_PAIRS = {")": "(", "]": "[", "}": "{"}

#: What may follow the end of a block in the same expression: a call, a member, the next operand.
_GOES_ON = frozenset(",;).([:?")


def broken(text: str, script: bool) -> str | None:
    """The text with a line for each statement or rule; None where it has lines already, or is not
    understood.
    """
    lines = text.count("\n") + 1
    if len(text) / lines < _AVERAGE or max(map(len, text.split("\n"))) < _LONG:
        return None
    out: list[str] = []
    opened: list[str] = []
    at, room = 0, _GROWTH * len(text) + _ALWAYS
    before = ""  # the last characters that are no white space, to tell a division from a regular expression
    while found := _STOP.search(text, at):
        start, character = found.start(), found[0]
        chunk = text[at:start]
        out.append(chunk)
        before = chunk.rstrip()[-10:] or before
        end = start + 1
        if character in "\"'`/":
            token_end = _token_end(text, start, before, script)
            if token_end is None:
                return None
            end = token_end
            out.append(text[start:end])
        elif character in "([{":
            opened.append(character)
            out.append(character)
            if character == "{" and text[end : end + 1] != "}":
                out.append(_line(len(opened)))
        elif character == ";":
            out.append(character)
            if (not opened or opened[-1] == "{") and text[end : end + 1] not in ("}", "\n", ""):
                out.append(_line(len(opened)))
        else:
            if not opened or opened.pop() != _PAIRS[character]:
                return None
            if character == "}" and text[start - 1] != "{":
                out.append(_line(len(opened)))
            out.append(character)
            goes_on = text[end : end + 1] in ("", "\n", "}", *(_GOES_ON if script else ()))
            if character == "}" and not goes_on and (not opened or opened[-1] == "{"):
                out.append(_line(len(opened)))
        room -= len(out[-1])
        if room < 0:
            return None
        before = text[end - 1]
        at = end
    out.append(text[at:])
    return "".join(out)


def _line(depth: int) -> str:
    return "\n" + _STEP * min(depth, _DEEPEST)


def _token_end(text: str, start: int, before: str, script: bool) -> int | None:
    """Where the string, template, comment or regular expression ends that may start here; None where it is
    unclear.
    """
    character = text[start]
    if character in "\"'":
        string = _STRING.match(text, start)
        return string.end() if string else None
    if character == "`":
        template = _TEMPLATE.match(text, start) if script else None
        if template is None or template[0].count("${") > template[0].count("}"):
            return None  # a template inside the template
        return template.end()
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        return end + 2 if end >= 0 else None
    if not script:
        return start + 1
    if text.startswith("//", start):
        end = text.find("\n", start)
        return end if end >= 0 else len(text)
    if before and before[-1] not in "(,=:[!&|?{};+-*%~^<>" and not _WORD.search(before):
        return start + 1  # a division
    if before.endswith("}"):
        return None
    expression = _EXPRESSION.match(text, start)
    return expression.end() if expression else None
