"""Whether workers gain: what `--jobs auto` goes by, as measured (docs/performance.md).

What is shared out is what exchanges cost; what sharing costs is a copy of every payload, a message for every packet
that opens or closes a connection, and a tenth of a second to start. So it gains where a capture is long and hardly
anything but small exchanges, and loses with long bodies and short connections. A look at the first packets tells.
"""

from __future__ import annotations

import os
from itertools import islice

from httptrace.capture.merge import open_captures
from httptrace.capture.open import is_file
from httptrace.errors import HttptraceError
from httptrace.pipeline import Analyzer, Options

#: So many workers are started.
JOBS = 2

#: With fewer processors the reading process and its workers stand in each other's way: on two, tiny exchanges took as
#: long as in one process. That had 2.5 s of work; with two workers the reading process had 1.1 and each of them 1.3. So
#: with a processor for each of the three it should take little more than half; no such machine was there to measure.
PROCESSORS = 3

#: Shorter captures are read before workers have started.
PACKETS = 100_000

#: With fewer exchanges than one in so many packets, sharing costs what it gains: with one in 8 (a connection each) it
#: took 1.27 of the time on two processors, with one in 31 (page loads) 1.07.
PACKETS_AN_EXCHANGE = 4

#: How many packets are looked at.
_LOOK = 2_000

#: What stands before each packet in a pcap file; about as much as in pcapng.
_RECORD_HEADER = 16


def jobs_that_gain(files: list[str]) -> int:
    """How many workers these captures are best read with; 1: none beside this process. Of a pipe, nobody knows."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processors < PROCESSORS or not all(is_file(file) for file in files):
        return 1
    analyzer = Analyzer(Options(hash_bodies=False, contain=True))
    try:
        with open_captures(files[:1]) as captures:
            frames = list(islice(captures.frames(), _LOOK))
        for _packets in analyzer.feed(frames):
            pass
    except (HttptraceError, OSError):  # the run will say it
        return 1
    looked_at = analyzer.decoder.packets
    if looked_at < _LOOK or analyzer.exchanges * PACKETS_AN_EXCHANGE < looked_at:
        return 1
    octets = sum(end - start + _RECORD_HEADER for _block, start, end, *_more in frames)
    return JOBS if sum(map(os.path.getsize, files)) * looked_at >= PACKETS * octets else 1
