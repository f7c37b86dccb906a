"""An interface that goes down, vanishes, returns and changes its name, in a system that is made up."""

from __future__ import annotations

import pytest

from httptrace.capture.live import watching
from httptrace.capture.live.source import Change, NoInterfaceError
from httptrace.capture.live.watching import Watched

UP, LOOPBACK = 1, 8


class System(dict):
    """Names to (number, flags)."""

    def install(self, monkeypatch):
        monkeypatch.setattr(watching.socket, "if_nametoindex", self.number)
        monkeypatch.setattr(watching.socket, "if_indextoname", self.name)
        monkeypatch.setattr(watching, "flags", lambda name: self.get(name, (0, 0))[1])
        return self

    def number(self, name):
        if name not in self:
            raise OSError("no interface")
        return self[name][0]

    def name(self, number):
        for name, (own, _flags) in self.items():
            if own == number:
                return name
        raise OSError("no interface")


@pytest.fixture
def system(monkeypatch):
    return System(wire=(3, UP), lo=(1, UP | LOOPBACK)).install(monkeypatch)


def test_nothing_happens(system):
    wire = Watched("wire")
    assert (wire.index, wire.up, wire.loopback, wire.look()) == (3, True, False, [])
    assert Watched("lo").loopback


def test_it_was_down_from_the_beginning(system):
    system["wire"] = (3, 0)
    assert Watched("wire").look() == [Change("down", "wire")]


def test_it_goes_down_and_up(system):
    wire = Watched("wire")
    system["wire"] = (3, 0)
    assert wire.look() == [Change("down", "wire")]
    assert wire.look() == []
    system["wire"] = (3, UP)
    assert wire.look() == [Change("up", "wire")]


def test_it_vanishes_and_returns_with_another_number(system):
    wire = Watched("wire")
    del system["wire"]
    assert wire.look() == [Change("gone", "wire")]
    assert wire.look() == []
    assert wire.index == 0
    system["wire"] = (9, UP)
    assert wire.look() == [Change("back", "wire")]
    assert (wire.index, wire.up) == (9, True)


def test_it_is_replaced_between_two_looks(system):
    wire = Watched("wire")
    system["wire"] = (4, UP)
    assert wire.look() == [Change("gone", "wire"), Change("back", "wire")]


def test_its_new_name_counts_and_the_old_one_too_when_it_is_gone(system):
    wire = Watched("wire")
    system["cable"] = system.pop("wire")
    assert wire.look() == [Change("renamed", "wire", "cable")]
    system["wire"] = (7, UP)
    assert wire.look() == [], "another one with the old name is not ours"
    del system["cable"]
    assert wire.look() == [Change("gone", "cable"), Change("back", "wire")]


def test_a_name_that_is_not_there(system):
    with pytest.raises(NoInterfaceError, match="there is no interface hugo"):
        Watched("hugo")
