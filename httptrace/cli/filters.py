"""The options that choose exchanges; what they mean is in :mod:`httptrace.selection`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptrace.lang import _
from httptrace.selection import NAMES, SORT_KEYS

if TYPE_CHECKING:
    import argparse


def add_filters(parser: argparse.ArgumentParser, order: bool = True, stream: bool = True) -> None:
    """The options that choose exchanges; with `order` also --sort and --limit. `stream`: --stream among them."""
    group = parser.add_argument_group(_("which exchanges"), _("all options must hold; of one given several times, any"))

    def several(name: str, metavar: str, text: str) -> None:
        group.add_argument(name, metavar=metavar, action="append", default=[], help=text)

    several("--host", "NAME", _("the host asked for; *.example.com covers its subdomains"))
    several("--method", "METHOD", _("GET, POST, …"))
    several("--status", "CODE", _("404, 5xx, 400-499, or none where no response was captured"))
    several("--url", "GLOB", _("a part of the URL; with * in it the whole; ? is any one character"))
    several("--type", "TYPE", _("content type of either body: image/*, text/html, json"))
    group.add_argument("--slower", metavar="TIME", help=_("took at least so long: 500ms, 2s"))
    several("--note", "CODE", _("has a note of this code, such as content-gap"))
    several("--ip", "ADDRESS", _("address of client or server, or a network: 192.168.0.0/16"))
    several("--port", "PORT", _("port of client or server"))
    if stream:
        several("--stream", "N", _("number of the connection"))
    group.add_argument(
        "--since",
        metavar="TIME",
        help=_("begins no earlier: 1.5 (seconds from the capture's first packet), or 2016-06-28T02:15:07 (UTC)"),
    )
    group.add_argument("--until", metavar="TIME", help=_("begins before: as with --since"))
    if order:
        group.add_argument(
            "--sort",
            metavar="KEY",
            help=_("{keys}; KEY:asc or KEY:desc turns it. All that match are gathered first").format(
                keys=", ".join(SORT_KEYS)
            ),
        )
        group.add_argument("--limit", metavar="N", help=_("at most N of them"))


def given_filters(arguments: argparse.Namespace) -> dict[str, Any]:
    """What :func:`add_filters` took, as plain values, from which the same filter can be made in another process."""
    return {name: getattr(arguments, name) for name in NAMES}
