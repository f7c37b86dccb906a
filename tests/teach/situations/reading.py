"""What httptrace reads in a situation's capture, held beside the situation's own truth."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from httptrace.capture.merge import open_captures
from httptrace.capture.write import write_pcap
from httptrace.model import Exchange, PacketRecord, StreamRecord
from httptrace.pipeline import Analyzer, Options
from httptrace.teach.situations.catalogue import SITUATIONS, written
from httptrace.teach.situations.wire import ETHERNET


@cache
def capture(name: str) -> bytes:
    """The bytes of the situation's capture."""
    file = io.BytesIO()
    write_pcap(file, ETHERNET, written(SITUATIONS[name]).frames)
    return file.getvalue()


@cache
def read(name: str) -> tuple[list[PacketRecord], list[Exchange], list[StreamRecord]]:
    """Its packets, its exchanges and its connections, as httptrace has them."""
    packets: list[PacketRecord] = []
    exchanges: list[Exchange] = []
    streams: list[StreamRecord] = []
    analyzer = Analyzer(
        Options(keep_bodies=1 << 20), on_packet=packets.append, on_exchange=exchanges.append, on_stream=streams.append
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "situation.pcap"
        path.write_bytes(capture(name))
        with open_captures([str(path)]) as captures:
            for _packet in analyzer.feed(captures.frames()):
                pass
            analyzer.finish()
    return packets, sorted(exchanges, key=lambda one: one.no), sorted(streams, key=lambda one: one.stream)
