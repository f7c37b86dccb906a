"""`httptrace interfaces`: what `live` can capture, and whether this user may."""

from __future__ import annotations

import argparse
import sys

from msgspec.json import encode

from httptrace.capture.live.interfaces import Interface, interfaces, may_capture
from httptrace.capture.live.source import ANY
from httptrace.cli import arguments as common
from httptrace.cli.live.rights import how_to_get_them
from httptrace.cli.octets import json_writer
from httptrace.lang import N_, _
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.table import Column, Table
from httptrace.outputs.wrap import wrap


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_format(parser, "table", "jsonl")
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    may = may_capture()
    if arguments.format == "jsonl":
        write = json_writer()
        for one in interfaces():
            write(line(one, may))
        return 0
    paint = Paint(common.colour())
    width = common.width()
    columns: list[Column[Interface]] = [
        Column(N_("Name"), 15, lambda one, _width: safe(one.name)),
        Column(N_("State"), 12, lambda one, _width: state(one)),
        Column(N_("Kind"), 10, lambda one, _width: _("loopback") if one.loopback else ""),
        Column(N_("Addresses"), 16, lambda one, _width: "  ".join(one.addresses), takes_rest=True),
    ]
    table = Table(columns, width, paint)
    sys.stdout.write(table.heading() + "\n")
    for one in interfaces():
        sys.stdout.write(table.row(one) + "\n")
    closing = [_("all that are up, together: {any} (the default of live)").format(any=ANY)]
    closing += [_("this user may capture")] if may else [_("this user may not capture"), *how_to_get_them()]
    for text in closing:
        for row in wrap(text, width):
            sys.stdout.write(paint(row, "dim") + "\n")
    return 0


def state(one: Interface) -> str:
    """Up or down, and whether anything is at the other end."""
    if not one.up:
        return _("down")
    return _("up") if one.running else _("no carrier")


def line(one: Interface, may: bool) -> bytes:
    """The line of an interface in jsonl."""
    values = {
        "name": one.name.encode("utf-8", "replace").decode(),
        "index": one.index,
        "up": one.up,
        "running": one.running,
        "loopback": one.loopback,
        "promiscuous": one.promiscuous,
        "addresses": one.addresses,
        "may_capture": may,
    }
    return encode(values) + b"\n"
