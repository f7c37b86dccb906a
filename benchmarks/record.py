"""`python -m benchmarks.record`: captures of real nginx traffic; root on Linux only.

nginx, wrk and curl talk on the loopback of a network namespace of their own, so that nothing else is heard and nothing
leaves the machine; tcpdump listens. The largest segment is that of Ethernet. Each recording ends after some seconds or
some packets, whichever comes first. The captures land in `.bench/`, and no truth stands beside them: nothing is known
of them but what programs count.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.content import TEXTS, Content
from benchmarks.rows import FOLDER

_NAMESPACE = "httptrace-bench"
_PROGRAMS = ("ip", "ethtool", "tcpdump", "nginx", "wrk", "curl")
_BULK = 50_000_000
_MTU = 1_500

_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    types {{ text/html html; image/jpeg jpg; application/json json; application/octet-stream bin; }}
    access_log off;
    gzip on;
    gzip_types application/json;
    keepalive_requests 100;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:80; root {folder}/site; }}
}}
"""

#: wrk asks for another target, with another cookie, each time.
_ASKING = """
local number = 0
request = function()
    number = number + 1
    local headers = {{ ["Cookie"] = "session=" .. number .. math.random(1000000000) {close} }}
    return wrk.format("GET", "{path}" .. {which} .. "?v=" .. number, headers)
end
"""

#: A capture's name, and what wrk asks for: a path, an expression for what follows it, further header fields.
RECORDINGS = {
    "nginx-mixed": ("/part-", '(number % 20) .. ((number % 3 == 0) and ".html" or ".jpg")', ""),
    "nginx-keep-alive": ("/tiny.json", '""', ""),
    "nginx-close": ("/tiny.json", '""', ', ["Connection"] = "close"'),
}


def _inside(*command: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", _NAMESPACE, *command)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def _namespace() -> Iterator[None]:
    """A network with nothing in it but a loopback that carries packets as Ethernet would."""
    _run("ip", "netns", "add", _NAMESPACE)
    try:
        _run(*_inside("ip", "link", "set", "lo", "mtu", str(_MTU)))
        _run(*_inside("ip", "link", "set", "lo", "up"))
        _run(*_inside("ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off"))  # else segments come joined
        yield
    finally:
        _run("ip", "netns", "delete", _NAMESPACE)


@contextmanager
def _running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs in the namespace meanwhile."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(_inside(*command), stdout=quiet, stderr=quiet)
    try:
        time.sleep(1.0)
        yield process
        time.sleep(0.5)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _site(folder: Path) -> None:
    """Pages, pictures, one tiny answer, one large one."""
    site = folder / "site"
    site.mkdir()
    content = Content("record")
    for number in range(20):
        (site / f"part-{number}.html").write_bytes(content.text(TEXTS[0], content.random.randint(5_000, 60_000)))
        picture = content.picture("image/jpeg", content.random.randint(2_000, 70_000))
        (site / f"part-{number}.jpg").write_bytes(picture)
    (site / "tiny.json").write_bytes(b'{"text": "nothing changed"}')
    (site / "bulk.bin").write_bytes(content.octets(_BULK))
    folder.chmod(0o755)


@contextmanager
def _listening(file: Path, packets: int) -> Iterator[subprocess.Popen[bytes]]:
    """tcpdump, until so many packets have come or the block is over."""
    listen = ("tcpdump", "-i", "lo", "-B", "65536", "-s", "0", "-c", str(packets), "-Z", "root", "-w", str(file), "tcp")
    with _running(*listen) as process:
        yield process


def record(target: Path, most_seconds: int, packets: int) -> list[Path]:
    """Record all of them; gives the files."""
    target.mkdir(exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as name, _namespace():
        folder = Path(name)
        _site(folder)
        configuration = folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=folder), encoding="utf-8")
        with _running("nginx", "-c", str(configuration)):
            for stem, (path, which, more) in RECORDINGS.items():
                script = folder / f"{stem}.lua"
                script.write_text(_ASKING.format(path=path, which=which, close=more), encoding="utf-8")
                ask = ("wrk", "-t", "1", "-c", "20", "-d", f"{most_seconds}s", "-s", str(script), "http://127.0.0.1/")
                made.append(target / f"{stem}.pcap")
                with _listening(made[-1], packets), _running(*ask) as asking:
                    _until_over(asking, made[-1], most_seconds)
            made.append(target / "nginx-bulk.pcap")
            with _listening(made[-1], packets):
                _run(*_inside("curl", "-sS", "-o", os.devnull, "http://127.0.0.1/bulk.bin"))
    return made


def _until_over(asking: subprocess.Popen[bytes], file: Path, most_seconds: int) -> None:
    """Wait for wrk's end, but not for one that speaks to nobody any more."""
    size = -1
    for _ in range(most_seconds + 1):
        if asking.poll() is not None or (size > 0 and file.stat().st_size == size):
            return
        size = file.stat().st_size
        time.sleep(1.0)


def main(arguments: list[str]) -> int:
    """Record, and say where the captures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record", description="Captures of real nginx traffic.")
    parser.add_argument("--seconds", type=int, choices=range(1, 61), default=5, metavar="1-60", help="of each (5)")
    parser.add_argument("--packets", type=int, default=400_000, metavar="N", help="of each at most (400000)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to put them (.bench)")
    asked = parser.parse_args(arguments)
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing or sys.platform != "linux" or os.geteuid() != 0:
        sys.stderr.write(f"needs root on Linux, and {', '.join(missing or _PROGRAMS)}\n")
        return 2
    for path in record(asked.folder, asked.seconds, asked.packets):
        sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
