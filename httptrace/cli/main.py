"""The command line: one verb, its arguments, an exit status."""

from __future__ import annotations

import errno
import os
import sys

#: What a full disk says, a file that may grow no further, a disk that fails.
_TAKES_NO_MORE = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def entry() -> None:
    """What the `httptrace` script runs."""
    sys.exit(main(sys.argv[1:]))


def main(argv: list[str]) -> int:
    """Run one command; the contract's exit status."""
    _replace_closed()
    for stream in (sys.stdout, sys.stderr):
        # Whatever the terminal's encoding lacks is shown escaped; output never fails for it.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if argv[:1] in (["--version"], ["-V"]):
        command = _version  # answered before anything else is imported
    else:
        command = _verb
    from httptrace.errors import HttptraceError

    try:
        try:
            return command(argv)
        finally:  # help leaves by SystemExit; what it said must have been taken all the same
            sys.stdout.flush()
    except HttptraceError as error:
        from httptrace.cli.run import complain

        complain(error.text)
        return error.exit_status
    except BrokenPipeError:  # | head
        _drop_what_is_left()
        return 0
    except OSError as error:
        if error.errno not in _TAKES_NO_MORE:
            raise
        from httptrace.cli.run import complain
        from httptrace.errors import reason
        from httptrace.lang import _, told

        complain(_("the output takes no more: {problem}").format(problem=told(reason(error))))
        _drop_what_is_left()
        return 1
    except KeyboardInterrupt:
        return 130


def _version(argv: list[str]) -> int:
    from importlib.machinery import EXTENSION_SUFFIXES

    import httptrace

    hot = os.path.join(os.path.dirname(httptrace.__file__), "tcp", "inorder")
    compiled = any(os.path.exists(hot + suffix) for suffix in EXTENSION_SUFFIXES)  # docs/adr/0022
    print(f"httptrace {httptrace.__version__}{', compiled' if compiled else ''}")
    return 0


def _verb(argv: list[str]) -> int:
    from httptrace.cli.arguments import parse

    arguments = parse(argv)
    status: int = arguments.run(arguments)
    return status


def _replace_closed() -> None:
    """Let stdout and stderr be the null device where they were closed (`>&-`). Else the next file that is opened would
    get their number, and what is printed to stderr would go to stdout."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the program ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _drop_what_is_left() -> None:
    """What stdout's buffer still holds must not be tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
