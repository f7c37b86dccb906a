"""A sheet that would do harm if anything of its capture could run."""

from __future__ import annotations

import io
from pathlib import Path

from httptrace.capture.write import write_pcap
from httptrace.cli.lesson import Reading
from httptrace.teach.situations.conversation import Script
from httptrace.teach.situations.messages import message
from httptrace.teach.situations.wire import ETHERNET
from httptrace.teach.worksheet.building import build
from httptrace.teach.worksheet.sheet import Sheet

EVIL = "<script>alert(1)</script>"
QUOTE = "\"'><img src=x onerror=alert(2)>"


def hostile_sheet(folder: Path) -> Sheet:
    """A sheet of a capture whose every header is a script, and whose file is called like one."""
    script = Script()
    talk = script.talk(51099)
    talk.open()
    for target in (f"/{EVIL}", f"/{QUOTE}", "/|cell|`code`[link](javascript:alert(3))"):
        fields = (f"Host: {EVIL}", f"User-Agent: {QUOTE}", f"{EVIL}: {EVIL}", f"Referer: {EVIL}")
        talk.ask(message(f"GET {target} HTTP/1.1", fields))
        fields = (f"Content-Type: {EVIL}", f"Location: {QUOTE}", f"Server: {EVIL}", f"{QUOTE}: {QUOTE}")
        talk.answer(message(f"HTTP/1.1 301 {EVIL}", (*fields, "Content-Length: {length}"), EVIL.encode()))
    talk.close()
    path = folder / "hostile.pcap"
    file = io.BytesIO()
    write_pcap(file, ETHERNET, script.frames)
    path.write_bytes(file.getvalue())
    return build(Reading([str(path)]).lesson.talks[0], f"{EVIL}{QUOTE}.pcap", 0)
