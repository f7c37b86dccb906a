"""`httptrace demo`: a capture of a named situation, with known truth."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.cli import written as files
from httptrace.errors import UsageError
from httptrace.lang import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help=_("the situation: handshake, page, loss …; without one, a list of them")
    )
    files.add_output(parser, _("write the capture to this file; - is standard output"))
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    from httptrace.outputs import situations as page
    from httptrace.teach.situations.catalogue import SITUATIONS, written

    width, colour = common.width(), common.colour()
    if arguments.name is None:
        if arguments.output is not None:
            raise UsageError(_("which situation? httptrace demo lists them"))
        sys.stdout.write(page.listed(list(SITUATIONS.values()), width, colour))
        return 0
    situation = SITUATIONS.get(arguments.name.strip().lower())
    if situation is None:
        raise UsageError(_unknown(arguments.name, list(SITUATIONS)))
    path = arguments.output
    if path is None:
        script = written(situation)
        sys.stdout.write(page.told(situation, script.truth, f"{situation.name}.pcap", width, colour))
        return 0
    files.check(path, arguments.force)
    if path == "-" and sys.stdout.isatty():
        raise UsageError(_("a capture is not for a terminal: send it to a file or a pipe (-o FILE)"))
    script = written(situation)
    files.write(path, _pcap(script.frames), arguments.force)
    if path != "-":
        sys.stdout.write(page.written(situation, script.truth, common.as_typed([path]), width, colour))
    return 0


def _pcap(frames: list[tuple[int, bytes]]) -> bytes:
    import io

    from httptrace.capture.write import write_pcap
    from httptrace.teach.situations.wire import ETHERNET

    file = io.BytesIO()
    write_pcap(file, ETHERNET, frames)
    return file.getvalue()


def _unknown(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), names, n=2, cutoff=0.5)
    if near:
        return _("there is no situation {name}; perhaps {near}? httptrace demo lists them").format(
            name=name, near=", ".join(near)
        )
    return _("there is no situation {name}; httptrace demo lists them").format(name=name)
