"""Root as long as it takes to open the capture, and not one packet longer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from httptrace.errors import Said, UsageError, reason

_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS
_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3


@dataclass(frozen=True, slots=True)
class User:
    """Who httptrace goes on as."""

    name: str
    uid: int
    gid: int


class PrivilegesError(UsageError):
    """The rights of root could not be given up, so nothing is parsed."""


def invoking_user(environment: Mapping[str, str] | None = None) -> User | None:
    """Who to become: the user behind sudo, else nobody; None where this is not root, or no such system."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    environment = os.environ if environment is None else environment
    uid, gid = _number(environment.get("SUDO_UID")), _number(environment.get("SUDO_GID"))
    if uid:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:  # a user of no list, as containers have
            return User(str(uid), uid, gid or 65_534)
        return User(entry.pw_name, uid, gid or entry.pw_gid or 65_534)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return User("nobody", 65_534, 65_534)
    return User(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)


def invoked_by_sudo(environment: Mapping[str, str] | None = None) -> bool:
    """Whether there is a user behind sudo."""
    return _number((os.environ if environment is None else environment).get("SUDO_UID")) is not None


def _number(text: str | None) -> int | None:
    """A user's or group's number; None where there is none, or one that cannot be."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    return int(text) if 0 < int(text) < 0xFFFF_FFFF else None


def drop(user: User | None) -> None:
    """Become that user for good; without one, give up single capabilities (setcap). Raises PrivilegesError unless
    it is certain that nothing is left."""
    if user is not None:
        try:
            os.setgroups([])
            if user.name != str(user.uid):
                os.initgroups(user.name, user.gid)
            # Real, effective and saved: with one of them left root could be had again.
            if hasattr(os, "setresgid"):
                os.setresgid(user.gid, user.gid, user.gid)
                os.setresuid(user.uid, user.uid, user.uid)
            else:  # as root these set all three
                os.setgid(user.gid)
                os.setuid(user.uid)
        except OSError as error:
            problem = Said("cannot become the user {name}: {problem}", name=user.name, problem=reason(error))
            raise PrivilegesError(problem) from error
    _drop_capabilities()
    if user is not None:
        _verify(user)


def _verify(user: User) -> None:
    """Ask for root back: that must fail."""
    try:
        os.setuid(0)
    except OSError:
        pass
    else:
        problem = Said("the rights of root are still there after becoming the user {name}", name=user.name)
        raise PrivilegesError(problem)
    if (os.getuid(), os.geteuid(), os.getgid(), os.getegid()) != (user.uid, user.uid, user.gid, user.gid):
        raise PrivilegesError(Said("the user {name} did not take effect", name=user.name))


def _drop_capabilities() -> None:
    """What setcap gave, or a container left; and programs started from here get nothing either."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes
    from struct import pack

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    header = pack("II", _CAPABILITY_VERSION, 0)
    libc.capset(header, bytes(24))
