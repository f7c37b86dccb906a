"""Everything a live capture may need, imported while there are still the rights to read it.

Behind the change of user Python's own folder may be closed to us (a virtual environment in root's home), so that an
import would fail in the middle of a capture; and what is imported as root must not depend on a packet.
"""

from __future__ import annotations

import pkgutil
from contextlib import suppress
from importlib import import_module

#: Rooms whose modules read packets, or print what came of them.
_ROOMS = ("capture", "packets", "tcp", "tls", "http", "exchanges", "outputs", "teach", "cli.live")
#: Modules beside them.
_MODULES = ("application", "pipeline", "following", "lang", "cli.rows", "selection", "cli.octets", "cli.run")
#: What is imported late elsewhere: libraries for codings, the terminal, times, addresses, and what they import late.
_LIBRARIES = (
    *("brotli", "brotlicffi", "zstandard", "msgspec"),
    *("rich.console", "rich.text", "rich.style", "rich.table", "rich.box", "rich.control", "rich._win32_console"),
    *("ipaddress", "datetime", "fnmatch", "tomllib", "difflib", "shlex", "ctypes", "pwd", "traceback", "gettext"),
    *("encodings.latin_1", "encodings.idna", "encodings.utf_8_sig", "encodings.cp1252", "encodings.ascii"),
    *("encodings.gb18030", "encodings.gbk", "encodings.big5", "encodings.shift_jis", "encodings.euc_jp"),
    *("encodings.utf_16", "encodings.iso8859_15", "encodings.euc_kr", "encodings.koi8_r", "encodings.cp1251"),
)


def load(walk: bool = False) -> None:
    """Import all of it; with `walk` the reference texts are read too."""
    for room in _ROOMS:
        folder = import_module(f"httptrace.{room}")
        for module in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."):
            import_module(module.name)
    for name in _MODULES:
        import_module(f"httptrace.{name}")
    for name in _LIBRARIES:
        with suppress(ImportError):
            import_module(name)
    if walk:
        from httptrace.teach.reference import KINDS, lookup

        for kind in KINDS:
            lookup(kind, "")
