"""Whatever the program complains of goes through the catalogue: found in the source, whether it can happen here or not.

A complaint is the argument of an error of ours, or of a function that prints one. Below the rooms that know languages
it is `Said("template", ...)`, else `_("...")` and its kin. Followed are the names and functions that it comes from.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from httptrace import errors
from httptrace.lang import catalogue

#: Calls that look a text up, or mark it to be looked up where it is printed.
SPOKEN = {"_", "N_", "ngettext", "pgettext", "note_text", "Said"}

#: Functions and methods that print what they are given, or raise it.
TELLING = {"complain", "say", "_say", "_tell", "error", "cut", "_refill"}

#: Methods of lists that hold such texts.
LISTS = {"remarks", "problems", "defects"}

#: Rooms that know languages: they may put together what was looked up.
SPEAKING = {"cli", "outputs", "teach", "workers", "lang"}

#: Commands and options are the same in every language.
_OF_THE_SHELL = re.compile(r"httptrace|--[a-z-]+")


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(catalogue.PACKAGE.rglob("*.py"))}


def error_names(modules: dict[Path, ast.Module]) -> set[str]:
    """Every exception of the package whose text is printed."""
    classes = [node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {"HttptraceError", "SourceError", "ArgumentTypeError", "AnswersError"}
    while True:
        more = {one.name for one in classes if any(ast.unparse(base) in found for base in one.bases)} - found
        if not more:
            return found
        found |= more


class Searcher:
    """Looks in one module for texts that are told as they are."""

    def __init__(self, path: Path, tree: ast.Module, names: set[str]) -> None:
        self.path = path
        self.tree = tree
        self.names = names
        self.may_join = path.relative_to(catalogue.PACKAGE).parts[0] in SPEAKING
        self.functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.wrong: set[str] = set()

    def search(self) -> set[str]:
        for function in self.functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and self._is_complaint(node):
                    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                        self._look(argument, function, set())
        return self.wrong

    def _is_complaint(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Name):
            return call.func.id in self.names | {"complain"}
        if isinstance(call.func, ast.Attribute):
            if call.func.attr in ("append", "insert") and isinstance(call.func.value, ast.Attribute | ast.Name):
                return ast.unparse(call.func.value).rpartition(".")[2] in LISTS
            return call.func.attr in self.names | TELLING
        return False

    def _look(self, value: ast.expr, function: ast.AST, seen: set[str]) -> None:
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str) and re.search(r"[A-Za-z]{3}", _OF_THE_SHELL.sub("", value.value)):
                self._found(value)
        elif isinstance(value, ast.JoinedStr):
            words = "".join(part.value for part in value.values if isinstance(part, ast.Constant))
            if not self.may_join or re.search(r"[A-Za-z]{3}", _OF_THE_SHELL.sub("", words)):
                self._found(value)
            for part in value.values:
                if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Attribute):
                    self._look(part.value, function, seen)
        elif isinstance(value, ast.Attribute):
            if value.attr == "strerror":
                self._found(value)
        elif isinstance(value, ast.Name):
            self._look_where_it_comes_from(value.id, function, seen)
        elif isinstance(value, ast.Call):
            self._look_at_call(value, function, seen)
        elif isinstance(value, ast.BoolOp):
            for part in value.values:
                self._look(part, function, seen)
        elif isinstance(value, ast.IfExp):
            self._look(value.body, function, seen)
            self._look(value.orelse, function, seen)
        elif isinstance(value, ast.BinOp):
            self._look(value.left, function, seen)
            self._look(value.right, function, seen)

    def _look_at_call(self, call: ast.Call, function: ast.AST, seen: set[str]) -> None:
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in SPOKEN:
            for keyword in call.keywords:  # a value may be a text itself
                self._look(keyword.value, function, seen)
        elif name == "format" and isinstance(call.func, ast.Attribute):
            self._look(call.func.value, function, seen)
            for keyword in call.keywords:
                if isinstance(keyword.value, ast.Attribute | ast.BoolOp):
                    self._look(keyword.value, function, seen)
        elif name in self.functions and name not in seen:
            for node in ast.walk(self.functions[name]):
                if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                    self._look(node.value, self.functions[name], seen | {name})
        elif name in ("safe", "told"):
            for argument in call.args:
                self._look(argument, function, seen)

    def _look_where_it_comes_from(self, name: str, function: ast.AST, seen: set[str]) -> None:
        if name in seen:
            return
        for node in (*ast.walk(function), *self.tree.body):
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                self._look(node.value, function, seen | {name})

    def _found(self, node: ast.expr) -> None:
        self.wrong.add(f"{self.path.relative_to(catalogue.PACKAGE)}:{node.lineno}: {ast.unparse(node)[:90]}")


def found_in(modules: dict[Path, ast.Module]) -> Iterator[str]:
    names = error_names(trees())
    for path, tree in modules.items():
        yield from sorted(Searcher(path, tree, names).search())


def test_every_complaint_goes_through_the_catalogue() -> None:
    assert list(found_in(trees())) == []


def test_all_errors_are_known() -> None:
    assert {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)
    } <= (error_names(trees()))
    assert {"FilterError", "PrivilegesError", "NoInterfaceError"} <= error_names(trees())


@pytest.mark.parametrize(
    ("room", "source"),
    [
        pytest.param("capture", 'raise UsageError("no capture was named")', id="plain"),
        pytest.param("capture", 'raise FileError(path, f"{path} is missing")', id="put together"),
        pytest.param("capture", 'raise CaptureError(path, 0, f"{one}: {two}")', id="flattened"),
        pytest.param("capture", "raise FileError(path, error.strerror)", id="of the system"),
        pytest.param("capture", 'raise FileError(path, Said("{what} is cut", what="a block"))', id="a value"),
        pytest.param("capture", 'problem = "the file ends"\n    raise blocks.error(0, problem)', id="by a name"),
        pytest.param("capture", 'self._say(f"{path}: was removed")', id="said"),
        pytest.param("capture", 'facts.remarks.append("some were left out")', id="remarked"),
        pytest.param(
            "capture", "raise FileError(path, why())\n\ndef why():\n    return 'is empty'", id="by a function"
        ),
        pytest.param("cli", 'complain("{n} were left out".format(n=n))', id="filled in"),
        pytest.param("cli", 'raise UsageError(problem or "no reason")', id="or"),
        pytest.param("cli", 'raise UsageError(f"{path}: {error.strerror}")', id="of the system, joined"),
        pytest.param("cli", 'raise UsageError(_("{a}").format(a=error.strerror))', id="of the system, filled in"),
    ],
)
def test_what_does_not_is_found(room: str, source: str) -> None:
    path = catalogue.PACKAGE / room / "one.py"
    assert len(list(found_in({path: ast.parse(f"def one():\n    {source}\n")}))) == 1


@pytest.mark.parametrize(
    ("room", "source"),
    [
        pytest.param("capture", 'raise FileError("-", Said("{what} is cut", what=Said("a block")))', id="template"),
        pytest.param("capture", "raise CaptureError(path, 0, broken.problem)", id="handed on"),
        pytest.param("cli", 'raise UsageError(_("{path} is there").format(path=path))', id="looked up"),
        pytest.param("cli", 'complain(f"{code}: {told(text)}")', id="joined"),
        pytest.param("cli", 'raise UsageError(f"{message} (httptrace {verb} --help)")', id="a command"),
    ],
)
def test_what_does_is_not(room: str, source: str) -> None:
    path = catalogue.PACKAGE / room / "one.py"
    assert list(found_in({path: ast.parse(f"def one():\n    {source}\n")})) == []
