"""Fields kept once."""

from __future__ import annotations

from httptrace.exchanges.sharing import SharedFields
from httptrace.model import Field


def made(name: str, value: str) -> Field:
    """A field whose strings are its own."""
    return ("".join(list(name)), "".join(list(value)))


def test_equal_fields_become_one() -> None:
    shared = SharedFields()
    one = shared.share([made("Server", "nginx"), made("Server", "other")])
    other = shared.share([made("Server", "nginx")])
    assert one == [("Server", "nginx"), ("Server", "other")]
    assert other[0] is one[0]
    assert one[0][0] is one[1][0]


def test_fields_that_never_repeat_do_not_pile_up() -> None:
    shared = SharedFields()
    for number in range(3 * SharedFields.MOST):
        assert shared.share([made("Cookie", str(number))]) == [("Cookie", str(number))]
        assert len(shared._fields) <= SharedFields.MOST


def test_more_fields_than_are_remembered_are_given_back_whole() -> None:
    many = [made("A", str(number)) for number in range(2 * SharedFields.MOST)]
    assert SharedFields().share(many) == many
