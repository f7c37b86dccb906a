"""`httptrace follow`."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+")


def run(arguments: argparse.Namespace) -> int:
    raise NotImplementedError
