"""What the sources of compiled modules keep to, told without a compiler."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["modules"]

#: Bases that are no classes to mypyc.
_KINDS = ("Protocol", "Generic")


def classes(path: Path) -> list[tuple[str, list[str]]]:
    """The classes of a module, each with the names of its bases."""
    found = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)]
    return [(node.name, [ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases]) for node in found]


def test_every_module_that_is_to_be_compiled_is_there() -> None:
    assert len(MODULES) == len(set(MODULES)) > 30
    assert [path for path in MODULES if not (ROOT / path).is_file()] == []


def test_no_interpreted_class_inherits_from_a_compiled_one() -> None:
    """mypyc refuses that when the object is made, not when the module is imported."""
    compiled = {name for path in MODULES for name, _ in classes(ROOT / path)}
    interpreted = [path for path in (ROOT / "httptrace").rglob("*.py") if str(path.relative_to(ROOT)) not in MODULES]
    wrong = [f"{path.name}: {name}" for path in interpreted for name, bases in classes(path) if compiled & set(bases)]
    assert wrong == []


def test_compiled_classes_have_one_base() -> None:
    wrong = [
        f"{path}: {name}"
        for path in MODULES
        for name, bases in classes(ROOT / path)
        if len([base for base in bases if base not in _KINDS]) > 1
    ]
    assert wrong == []


def first_values(path: Path) -> list[tuple[str, ast.expr | None, ast.expr]]:
    """The first values on the plain classes of a module: place, annotation, value."""
    found: list[tuple[str, ast.expr | None, ast.expr]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef) or node.decorator_list:
            continue
        if {ast.unparse(base).split("[")[0] for base in node.bases} & {"Enum", "NamedTuple", "Protocol"}:
            continue
        for line in node.body:
            place = f"{path.name}:{line.lineno}"
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) not in ("__slots__", "__deletable__"):
                found.append((place, None, line.value))
            elif isinstance(line, ast.AnnAssign) and line.value is not None:
                found.append((place, line.annotation, line.value))
    return found


def test_first_values_are_such_as_mypyc_sets() -> None:
    """Literals, and None where one kind may stand in its place. A union of more it leaves without a value, silently."""
    wrong: list[str] = []
    seen = 0
    for path in MODULES:
        for place, annotation, value in first_values(ROOT / path):
            seen += 1
            kind = ast.unparse(annotation) if annotation is not None else ""
            if kind.startswith("ClassVar"):
                continue
            if not isinstance(value, ast.Constant) or (value.value is None and _outer(annotation) > 2):
                wrong.append(f"{place}: {kind} = {ast.unparse(value)}")
    assert wrong == []
    assert seen > 40


def _outer(annotation: ast.expr | None) -> int:
    """How many kinds a union has."""
    if isinstance(annotation, ast.BinOp):
        return _outer(annotation.left) + _outer(annotation.right)
    return 1
