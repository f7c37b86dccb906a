"""`httptrace explain`: what a word of the protocols, or of httptrace, means."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.lang import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help=_("404, 5xx, Retry-After, POST, multipart/form-data, SYN, dup-ack, content-gap, chunk …"),
    )
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    from httptrace.outputs.explanation import explain

    what = " ".join(arguments.what) or None
    sys.stdout.write(explain(what, width=common.width(), colour=common.colour()))
    return 0
