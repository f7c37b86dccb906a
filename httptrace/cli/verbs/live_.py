"""`httptrace live`: the exchanges on the wire, as they end."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

from httptrace.capture.live import privileges
from httptrace.capture.live.filters import expression
from httptrace.capture.live.interfaces import interfaces
from httptrace.capture.live.losses import Losses
from httptrace.capture.live.opening import SOURCES, open_source
from httptrace.capture.live.source import ANY, FilterError, NoInterfaceError, NotAllowedError, Source
from httptrace.cli import arguments as common
from httptrace.cli.bounds import reached
from httptrace.cli.filters import add_filters
from httptrace.cli.live import asked
from httptrace.cli.live.drops import explain_gaps
from httptrace.cli.live.loading import load
from httptrace.cli.live.output import Output
from httptrace.cli.live.rights import how_to_get_them
from httptrace.cli.live.session import Files, Session, Signals
from httptrace.cli.live.walking import LiveWalk
from httptrace.cli.live.wording import Ended, State, Status, closing
from httptrace.cli.octets import json_writer
from httptrace.cli.rows import Clock
from httptrace.cli.run import StopReading, calm_the_collector, complain
from httptrace.errors import UsageError, reason
from httptrace.lang import _, told
from httptrace.lang.numbers import whole_number
from httptrace.limits import LIVE_BUFFER, MIB
from httptrace.model import Exchange
from httptrace.outputs.jsonl import exchange_line
from httptrace.outputs.paint import Paint
from httptrace.outputs.rows import ADDRESSES_FIT, SLOW, exchanges
from httptrace.outputs.safe import safe
from httptrace.pipeline import Analyzer, Options
from httptrace.selection import Filter

_SLOW = "1s"

#: Words of tcpdump's language for what lies before an IP header, or beside it.
_BEFORE_IP = frozenset(("ether", "vlan", "mpls", "pppoes", "arp", "rarp", "ifname"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "expression",
        metavar="FILTER",
        nargs="*",
        help=_("what to capture, in tcpdump's language (default: tcp), such as: host 10.0.0.7 and tcp port 80"),
    )
    capture = parser.add_argument_group(_("capture"))
    capture.add_argument(
        "-i",
        "--interface",
        metavar="IFACE",
        action="append",
        default=[],
        help=_("an interface, as httptrace interfaces lists them; may be repeated (default: any, all that are up)"),
    )
    capture.add_argument("--duration", metavar="TIME", help=_("end after so long: 30s, 10min"))
    capture.add_argument("--count", metavar="N", help=_("end after N exchanges"))
    capture.add_argument(
        "--buffer",
        metavar="SIZE",
        default=f"{LIVE_BUFFER // MIB}M",
        help=_("memory for packets that wait to be read (default: {size}); 64M of it are taken at once").format(
            size=f"{LIVE_BUFFER // MIB}M"
        ),
    )
    capture.add_argument(
        "--promiscuous", action="store_true", help=_("also packets for other machines, on interfaces that are named")
    )
    capture.add_argument(
        "--no-drop-privileges", action="store_true", help=_("stay root; otherwise root ends where packets begin")
    )
    capture.add_argument("--source", choices=SOURCES, help=_("how to capture (default: the first that works)"))
    files = parser.add_argument_group(_("files"))
    files.add_argument(
        "-w", "--write", metavar="FILE", help=_("also save the packets, as pcapng; - is standard output")
    )
    files.add_argument(
        "--rotate", metavar="SIZE|TIME", help=_("begin a new file after so much, or so long: 100M, 10min")
    )
    files.add_argument("--keep", metavar="N", help=_("keep the last N files, remove the older ones"))
    shown = parser.add_argument_group(_("what is printed"))
    shown.add_argument("--format", choices=("table", "jsonl"), default="table", help=_("how to print (default: table)"))
    shown.add_argument("--walk", action="store_true", help=_("tell one connection after the other, packet by packet"))
    shown.add_argument(
        "--slow",
        metavar="TIME",
        default=_SLOW,
        help=_("mark what took at least so long (default: {time})").format(time=_SLOW),
    )
    add_filters(parser, order=False)
    common.add_bounds(parser)
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Everything that can be wrong is found before the capture is opened; everything that needs rights is done before
    the first packet is looked at."""
    live = _Live(arguments)
    try:
        source = live.open()
    except NotAllowedError:
        complain(_("this user may not capture"))
        for way in how_to_get_them():
            complain(way)
        return NotAllowedError.exit_status
    except NoInterfaceError as error:
        raise UsageError(
            _("there is no interface {name}; there are {names}").format(
                name=error.name, names=", ".join([*(safe(one.name) for one in interfaces()), ANY])
            )
        ) from None
    except FilterError as error:
        problem = told(error.problem)
        if _BEFORE_IP & set(error.expression.split()):
            hint = _("packets are captured from their IP header on; what lies before it cannot be asked for")
            problem = f"{problem}; {hint}"
        raise UsageError(_("the filter {filter}: {problem}").format(filter=error.expression, problem=problem)) from None
    try:
        return live.run(source)
    finally:
        source.close()


class _Live:
    """One run of `live`."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._wanted = Filter.of(vars(arguments))
        ports = [number for number in map(whole_number, arguments.port) if number is not None]
        self._expression = expression(" ".join(arguments.expression), ports)
        self._names: list[str] = list(dict.fromkeys(arguments.interface)) or [ANY]
        if arguments.promiscuous and ANY in self._names:
            raise UsageError(_("--promiscuous needs interfaces by name (-i): all of them are not switched at once"))
        self._buffer = asked.buffer(arguments.buffer)
        self._seconds = asked.seconds("--duration", arguments.duration)
        self._most = asked.count("--count", arguments.count)
        self._keep = asked.count("--keep", arguments.keep)
        self._rotate, self._every_ns = asked.rotation(arguments.rotate)
        slow = asked.seconds("--slow", arguments.slow)
        self._slow_ns = round(slow * 1e9) if slow is not None else None
        if arguments.write is None and (arguments.rotate is not None or arguments.keep is not None):
            raise UsageError(_("--rotate and --keep say how files are written: give one with -w"))
        if arguments.walk and arguments.format == "jsonl":
            raise UsageError(_("--walk is prose: it has no jsonl"))
        self._arguments = arguments
        self._silent = arguments.write == "-"  # stdout is the capture's
        self._files: Files | None = None
        self._state = State()
        self._losses = Losses()
        self._clock = Clock()
        self._seen = 0
        self._marked = False  # a row of the table has a mark

    def open(self) -> Source:
        """Take everything that needs rights, then give them up."""
        arguments = self._arguments
        load(arguments.walk)
        user = None if arguments.no_drop_privileges else privileges.invoking_user()
        source = open_source(self._names, self._expression, self._buffer, arguments.promiscuous, arguments.source)
        try:
            if arguments.write is not None:
                from httptrace.capture.rotate import CaptureFiles

                self._files = CaptureFiles(
                    arguments.write,
                    rotate=self._rotate,
                    every_ns=self._every_ns,
                    keep=self._keep,
                    filter=self._expression,
                    owner=self._owner(user),
                    waiting=self._buffer,
                )
            if not arguments.no_drop_privileges:
                privileges.drop(user)
        except BaseException:
            source.close()
            raise
        return source

    def _owner(self, user: privileges.User | None) -> tuple[int, int] | None:
        """Whose the files are: those of the user behind sudo, else of root, who asked for them. Rotated files are made
        when root has gone, so they are nobody's."""
        if user is None or not (privileges.invoked_by_sudo() or self._rotate or self._every_ns):
            return None
        return user.uid, user.gid

    # ------------------------------------------------------------------ running

    def run(self, source: Source) -> int:
        """Capture to the end; the exit status."""
        calm_the_collector()
        begun = time.monotonic()
        status = Status(self._state)
        on_terminal = sys.stderr.isatty()
        with Signals() as signals:
            output = Output(
                _stdout(self._arguments.format == "jsonl"),
                (lambda: status.line(time.monotonic())) if on_terminal else None,
                signals.end,
            )
            analyzer = self._analyzer(output)
            output.say(
                "httptrace: "
                + _("capturing on {interfaces}, filter: {filter}; Ctrl-C ends").format(
                    interfaces=safe(", ".join(self._names)), filter=safe(self._expression)
                )
            )
            session = Session(
                source,
                analyzer,
                signals,
                output,
                self._state,
                self._names,
                self._losses,
                self._files,
                self._begin,
                self._seconds,
                self._silent,
            )
            output.start()
            try:
                session.run()
            finally:
                output.finish()
        files = self._files
        ended = Ended(
            ", ".join(self._names),
            self._expression,
            time.monotonic() - begun,
            self._state,
            source.counters,
            session.doubles.count,
            session.expired,
            source.size,
            self._seen,
            files.files if files is not None else 0,
            files.packets - files.left_out if files is not None else 0,
            files.left_out if files is not None else 0,
        )
        for line in (*closing(ended), *reached(analyzer)):
            complain(line)
        if self._marked:
            complain(_("! has notes · * took at least {time}").format(time=self._arguments.slow))
        return self._exit_status(analyzer, output, session)

    def _begin(self, time_ns: int) -> None:
        self._clock.begin(time_ns)
        self._wanted.begin(time_ns)

    def _exit_status(self, analyzer: Analyzer, output: Output, session: Session) -> int:
        if analyzer.defects:
            for defect in analyzer.defects:
                complain(_("a defect of httptrace, please report it: {what}").format(what=told(defect)))
            return 3
        if session.file_problem is not None:
            return session.file_problem.exit_status
        if output.problem is not None and not isinstance(output.problem, BrokenPipeError):
            complain(_("the output takes no more: {problem}").format(problem=told(reason(output.problem))))
            return 1
        return 0

    # ------------------------------------------------------------------ what is printed

    def _analyzer(self, output: Output) -> Analyzer:
        jsonl = self._arguments.format == "jsonl"
        give = (lambda _exchange: None) if self._silent or self._arguments.walk else self._printer(output, jsonl)

        def on_exchange(exchange: Exchange) -> None:
            self._seen += 1
            explain_gaps(exchange, self._losses)
            if self._wanted.matches(exchange):
                give(exchange)
                self._state.exchanges += 1
                if self._state.exchanges == self._most:
                    raise StopReading

        walk = None
        if self._arguments.walk and not self._silent:
            saved = self._arguments.write
            named = common.as_typed([saved]) if saved is not None and self._files is not None else "FILE"
            walk = LiveWalk(lambda text: output.line(_encoded(text)), ", ".join(self._names), named, self._wanted)
        options = Options(hash_bodies=jsonl and not self._silent, contain=True, bounds=self._arguments.bounds)
        analyzer = Analyzer(options, on_exchange=on_exchange, observer=walk)
        if walk is not None:
            walk.analyzer = analyzer
        return analyzer

    def _printer(self, output: Output, jsonl: bool) -> Callable[[Exchange], object]:
        if jsonl:
            return lambda exchange: output.line(exchange_line(exchange))
        width, paint = common.width(), Paint(common.colour())
        table = exchanges(width, paint, self._clock.started, self._slow_ns)
        names_connections = width < ADDRESSES_FIT
        before: list[str] = [""]
        output.line(_encoded(table.heading() + "\n"))

        def give(exchange: Exchange) -> None:
            text = table.row(exchange) + "\n"
            self._marked = self._marked or bool(exchange.notes) or text.endswith(SLOW + "\n")
            if names_connections:
                between = f"── {exchange.client} → {exchange.server}"
                if between != before[0]:
                    before[0] = between
                    text = paint(between, "dim") + "\n" + text
            output.line(_encoded(text))

        return give


def _encoded(text: str) -> bytes:
    return text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")


def _stdout(jsonl: bool) -> Callable[[bytes], object]:
    """What writes to stdout at once."""
    write = json_writer() if jsonl else sys.stdout.buffer.write
    flush = sys.stdout.buffer.flush

    def put(data: bytes) -> None:
        try:
            write(data)
            flush()
        except BrokenPipeError:
            # What the buffer still holds must not be tried again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise

    return put
