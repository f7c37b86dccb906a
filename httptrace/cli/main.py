"""The command line: one verb, its arguments, an exit status."""

from __future__ import annotations

import os
import sys


def entry() -> None:
    """What the `httptrace` script runs."""
    sys.exit(main(sys.argv[1:]))


def main(argv: list[str]) -> int:
    """Run one command; the contract's exit status."""
    if argv[:1] in (["--version"], ["-V"]):  # answered before anything is imported
        from httptrace import __version__

        print(f"httptrace {__version__}")
        return 0
    for stream in (sys.stdout, sys.stderr):
        # Whatever the terminal's encoding lacks is shown escaped; output never fails for it.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from httptrace.cli.arguments import parse
    from httptrace.errors import HttptraceError

    try:
        arguments = parse(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except HttptraceError as error:
        from httptrace.cli.run import complain

        complain(error.text)
        return error.exit_status
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
