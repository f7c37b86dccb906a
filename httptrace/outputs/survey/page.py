"""How the summary stands on a page: headings, labelled lines, tables and advice, never wider than they may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from httptrace.lang import _, ngettext
from httptrace.outputs.amounts import brief_duration
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.survey.tally import Counts
from httptrace.outputs.table import Column, Table
from httptrace.outputs.wrap import cell_width, pad, shorten, wrap

#: Prose wider than this is hard to read.
WIDEST_PROSE = 110

#: Where the text behind a label begins.
INDENT = 14

#: Holds words together until lines are made.
_NBSP = "\u00a0"

#: Names of ports in a hint: what usually runs there. It says nothing about what did.
USUAL = {
    20: "FTP", 21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 53: "DNS", 67: "DHCP", 68: "DHCP", 69: "TFTP",
    80: "HTTP", 88: "Kerberos", 110: "POP3", 111: "RPC", 123: "NTP", 135: "RPC", 137: "NetBIOS", 138: "NetBIOS",
    139: "SMB", 143: "IMAP", 161: "SNMP", 179: "BGP", 389: "LDAP", 443: "HTTPS", 445: "SMB", 465: "SMTP",
    500: "IPsec", 502: "Modbus", 514: "syslog", 546: "DHCP", 547: "DHCP", 587: "SMTP", 636: "LDAPS",
    853: "DNS", 993: "IMAP", 995: "POP3", 1080: "SOCKS", 1194: "OpenVPN", 1433: "SQL Server", 1521: "Oracle",
    1883: "MQTT", 1900: "SSDP", 2049: "NFS", 3544: "Teredo", 3306: "MySQL", 3389: "RDP", 4500: "IPsec", 4789: "VXLAN",
    5060: "SIP", 5222: "XMPP", 5353: "mDNS", 5355: "LLMNR", 5432: "PostgreSQL", 5672: "AMQP", 5900: "VNC",
    6379: "Redis", 6667: "IRC", 8883: "MQTT", 9042: "Cassandra", 9092: "Kafka", 11211: "memcached",
    17500: "Dropbox", 27017: "MongoDB", 51820: "WireGuard",
}  # fmt: skip

Record = TypeVar("Record")


class Page:
    """Lines for one width, in colour or without."""

    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint
        self.lines: list[str] = []

    def line(self, text: str, style: str | None = None) -> None:
        """A paragraph from the left edge."""
        self.lines += [self.paint(line, style) for line in wrap(text, self._room)]

    def heading(self, text: str) -> None:
        """A section's heading: an empty line and a rule across the page."""
        line = f"── {shorten(text, self.width - 6)} "
        self.lines += ["", self.paint(line + "─" * (self.width - cell_width(line)), "heading")]

    def labelled(self, label: str, text: str, style: str | None = None) -> None:
        """A label, and a paragraph beside it."""
        lines = [line.replace(_NBSP, " ") for line in wrap(text, self._room, INDENT)] or [""]
        first = lines[0].removeprefix(" " * INDENT)
        label = pad(label, INDENT - 1) + " "
        self.lines.append(self.paint(label, style or "bold") + first)
        self.lines += lines[1:]

    def more(self, text: str) -> None:
        """A further paragraph under the same label."""
        self.lines += [line.replace(_NBSP, " ") for line in wrap(text, self._room, INDENT)]

    def advice(self, text: str) -> None:
        """What to do about it."""
        first, *rest = wrap(text, self._room, INDENT + 2)
        arrow = " " * INDENT + "→ "
        self.lines += [self.paint(line, "cyan") for line in [arrow + first[INDENT + 2 :], *rest]]

    def table(self, columns: Sequence[Column[Record]], records: Iterable[Record]) -> None:
        """A table."""
        table = Table(columns, self.width, self.paint)
        self.lines.append(table.heading())
        self.lines += [table.row(record) for record in records]

    def dim(self, text: str) -> None:
        """A remark of less weight, under a table."""
        self.lines += [self.paint(line, "dim") for line in wrap(text, self._room)]

    @property
    def _room(self) -> int:
        return min(self.width, WIDEST_PROSE)


def number(count: int) -> str:
    """A count with its thousands set apart."""
    return f"{count:,}"


def together(text: str) -> str:
    """A text that must not be torn when lines are made."""
    return text.replace(" ", _NBSP)


def row_of(items: Iterable[str]) -> str:
    """Things in a row, which break between each other only."""
    return f"{_NBSP}· ".join(together(item) for item in items)


def counted(counts: Counts, most: int, name: str = "{key}") -> str:
    """`GET 12 · POST 3 · 2 others`: the most frequent keys, harmless to a terminal. `name` sets the key into words."""
    highest = counts.highest()
    items = [f"{name.format(key=safe(shorten(key, 60)))} {number(count)}" for key, count in highest[:most]]
    left = sum(count for _key, count in highest[most:]) + counts.others
    if left:
        items.append(ngettext("{count} other", "{count} others", left).format(count=number(left)))
    return row_of(items)


def ports(counts: Counts, most: int) -> str:
    """Ports with their counts, and what usually runs there."""
    named = Counts()
    for port, count in counts.highest():
        usual = USUAL.get(int(port))
        if usual is None:
            name = _("port {port}").format(port=port)
        else:
            name = _("port {port} (usually {name})").format(port=port, name=usual)
        named.add(name, count)
    named.others = counts.others
    return counted(named, most)


def long_duration(ns: int) -> str:
    """A span of time, in two units where it is long: `21.4 s`, `3 min 25 s`, `2 h 05 min`, `3 d 4 h`."""
    if ns < 99_950_000_000:
        return brief_duration(ns)
    whole = round(ns / 1e9)
    if whole < 3_600:
        return _("{minutes} min {seconds:02} s").format(minutes=whole // 60, seconds=whole % 60)
    if whole < 86_400:
        return _("{hours} h {minutes:02} min").format(hours=whole // 3_600, minutes=whole % 3_600 // 60)
    return _("{days} d {hours} h").format(days=number(whole // 86_400), hours=whole % 86_400 // 3_600)
