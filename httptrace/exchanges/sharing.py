"""Header fields kept once, however many open exchanges have them.

Most fields of most messages were seen before: the same names, servers, browsers, types. Where few connections are
open that is no matter. Where many are, their open exchanges take most of the memory, and two thirds of that are fields.
"""

from __future__ import annotations

from httptrace.model import Field


class SharedFields:
    """The fields seen lately; it is emptied when it is full, so that a stream of ever new ones cannot fill it."""

    __slots__ = ("_fields", "_names")

    MOST = 8_192

    def __init__(self) -> None:
        self._fields: dict[Field, Field] = {}
        self._names: dict[str, str] = {}

    def share(self, fields: list[Field]) -> list[Field]:
        """The same fields, as tuples that others have too, in a list without room to spare."""
        known = self._fields
        if len(known) + len(fields) > self.MOST:
            known.clear()
            self._names.clear()
        return [known.get(field) or self._first(field) for field in fields]

    def _first(self, field: Field) -> Field:
        name = self._names.setdefault(field[0], field[0])
        new = self._fields[field] = (name, field[1])
        return new
