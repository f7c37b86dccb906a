"""Giving up the rights of root, with a system that only pretends."""

from __future__ import annotations

import os
import pwd
from types import SimpleNamespace

import pytest

from httptrace.capture.live import privileges
from httptrace.capture.live.privileges import PrivilegesError, User, drop, invoking_user


class System:
    """What `os` says and does of users; `stays_root`: it lets root come back."""

    def __init__(self, uid=0, stays_root=False, refuses=False):
        self.uid, self.gid, self.groups = uid, 0, [0]
        self.done: list[str] = []
        self.stays_root, self.refuses = stays_root, refuses

    def install(self, monkeypatch):
        for name in ("geteuid", "getuid"):
            monkeypatch.setattr(os, name, lambda: self.uid)
        for name in ("getegid", "getgid"):
            monkeypatch.setattr(os, name, lambda: self.gid)
        for name in ("setgroups", "initgroups", "setresgid", "setresuid", "setuid"):
            monkeypatch.setattr(os, name, getattr(self, name), raising=False)
        monkeypatch.setattr(privileges, "_drop_capabilities", lambda: self.done.append("capabilities"))
        return self

    def setgroups(self, groups):
        if self.refuses:
            raise PermissionError(1, "Operation not permitted")
        self.done.append("setgroups")
        self.groups = groups

    def initgroups(self, name, gid):
        self.done.append(f"initgroups {name} {gid}")

    def setresgid(self, *gids):
        assert self.uid == 0, "the group goes first, while there is the right to change it"
        self.done.append("setresgid")
        (self.gid,) = set(gids)

    def setresuid(self, *uids):
        self.done.append("setresuid")
        (self.uid,) = set(uids)

    def setuid(self, uid):
        self.done.append("ask for root")
        if not self.stays_root:
            raise PermissionError(1, "Operation not permitted")
        self.uid = uid


def entries(monkeypatch, **uids):
    """The list of users has these."""

    def by_name(name):
        if name not in uids:
            raise KeyError(name)
        return SimpleNamespace(pw_name=name, pw_uid=uids[name], pw_gid=uids[name] + 1)

    monkeypatch.setattr(pwd, "getpwnam", by_name)
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: by_name(next((n for n, u in uids.items() if u == uid), "")))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, User("nobody", 99, 100), id="root: nobody"),
        pytest.param({"SUDO_UID": "1000", "SUDO_GID": "1001"}, User("ann", 1000, 1001), id="sudo"),
        pytest.param({"SUDO_UID": "1000"}, User("ann", 1000, 1001), id="sudo, the group from the list"),
        pytest.param({"SUDO_UID": "0", "SUDO_GID": "0"}, User("nobody", 99, 100), id="sudo by root"),
        pytest.param({"SUDO_UID": "77", "SUDO_GID": "78"}, User("77", 77, 78), id="a user of no list"),
        pytest.param({"SUDO_UID": "77", "SUDO_GID": "0"}, User("77", 77, 65_534), id="never root's group"),
        pytest.param({"SUDO_UID": "-1"}, User("nobody", 99, 100), id="not a number"),
        pytest.param({"SUDO_UID": "4294967295"}, User("nobody", 99, 100), id="the number that changes nothing"),
        pytest.param({"SUDO_UID": "9" * 50}, User("nobody", 99, 100), id="too long"),
    ],
)
def test_who_to_become(monkeypatch, environment, expected):
    System().install(monkeypatch)
    entries(monkeypatch, nobody=99, ann=1000)
    assert invoking_user(environment) == expected


def test_a_system_without_nobody(monkeypatch):
    System().install(monkeypatch)
    entries(monkeypatch)
    assert invoking_user({}) == User("nobody", 65_534, 65_534)


def test_who_is_not_root_stays(monkeypatch):
    system = System(uid=1000).install(monkeypatch)
    assert invoking_user({"SUDO_UID": "5"}) is None
    drop(None)
    assert system.done == ["capabilities"], "what setcap gave is given up all the same"


def test_the_order_of_it(monkeypatch):
    system = System().install(monkeypatch)
    drop(User("ann", 1000, 1001))
    assert system.done == [
        *("setgroups", "initgroups ann 1001", "setresgid", "setresuid", "capabilities", "ask for root")
    ]
    assert (system.uid, system.gid) == (1000, 1001)


def test_rights_that_come_back_are_an_error(monkeypatch):
    System(stays_root=True).install(monkeypatch)
    with pytest.raises(PrivilegesError, match="still there"):
        drop(User("ann", 1000, 1001))


def test_rights_that_cannot_be_given_up_are_an_error(monkeypatch):
    System(refuses=True).install(monkeypatch)
    with pytest.raises(PrivilegesError, match="cannot become the user ann"):
        drop(User("ann", 1000, 1001))


def test_a_change_without_effect_is_an_error(monkeypatch):
    system = System().install(monkeypatch)
    monkeypatch.setattr(os, "setresuid", lambda *_uids: None, raising=False)
    with pytest.raises(PrivilegesError, match="did not take effect"):
        drop(User("ann", 1000, 1001))
    assert system.uid == 0
