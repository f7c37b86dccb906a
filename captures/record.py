"""`python -m captures.record` records the real captures: nginx and Python's http.server, curl, tcpdump.

Needs root on Linux, with ip, tcpdump, nginx, curl and ethtool. It makes two network namespaces joined by a
virtual cable, so that nothing but the conversation is heard and nothing leaves the machine. The committed
files were recorded once; another run gives other times, ports and numbers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from captures.first_page import MATERIAL, picture

HERE = Path(__file__).parent
CLIENT, SERVER = "httptrace-client", "httptrace-server"
CLIENT_IP, SERVER_IP = "192.0.2.10", "192.0.2.80"
WRITTEN = 1_467_080_107  # Tue, 28 Jun 2016 02:15:07 GMT: when the site's files were last modified

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    types {{ text/html html; image/jpeg jpg; text/plain txt; }}
    access_log off;
    gzip on;
    gzip_min_length 256;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 80; root {folder}/site; charset utf-8; }}
}}
"""


def run(*command: str, inside: str | None = None) -> None:
    """Run a command to its end, in a namespace if one is named."""
    prefix = ("ip", "netns", "exec", inside) if inside else ()
    subprocess.run((*prefix, *command), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def running(*command: str, inside: str, cwd: Path | None = None) -> Iterator[None]:
    """A program that runs in a namespace while the block does, with a moment to start and one to finish."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(("ip", "netns", "exec", inside, *command), cwd=cwd, stdout=quiet, stderr=quiet)
    try:
        time.sleep(1.0)
        yield
        time.sleep(0.5)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def two_hosts() -> Iterator[None]:
    """Client and server, and a cable of MTU 1500 that neither joins segments nor leaves checksums open."""
    ends = ((CLIENT, CLIENT_IP, "02"), (SERVER, SERVER_IP, "50"))
    for name, _, _ in ends:
        run("ip", "netns", "add", name)
    try:
        run(
            "ip",
            "link",
            "add",
            "eth0",
            "netns",
            CLIENT,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            SERVER,
        )
        for name, address, mac in ends:
            run("ip", "link", "set", "eth0", "address", f"00:00:5e:00:53:{mac}", inside=name)
            run("ip", "address", "add", f"{address}/24", "dev", "eth0", inside=name)
            run("ip", "link", "set", "eth0", "up", inside=name)
            run("ip", "link", "set", "lo", "up", inside=name)
            run("ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off", "gro", "off", inside=name)
        yield
    finally:
        for name, _, _ in ends:
            run("ip", "netns", "delete", name)


@contextmanager
def recorded(name: str, interface: str, inside: str, folder: Path) -> Iterator[None]:
    """What passes the interface while the block runs becomes the capture of this name."""
    file = folder / name
    tcpdump = (
        "tcpdump",
        "-i",
        interface,
        "-s",
        "0",
        "--immediate-mode",
        "-U",
        "-Z",
        "root",
        "-w",
        str(file),
        "tcp",
    )
    with running(*tcpdump, inside=inside):
        yield
    shutil.copyfile(file, HERE / name)


def site(folder: Path) -> Path:
    """A small site on disk: the page, its picture, a text; dated, for If-Modified-Since."""
    root = folder / "site"
    root.mkdir()
    shutil.copyfile(MATERIAL / "first-page.html", root / "index.html")
    (root / "ladder.jpg").write_bytes(picture())
    (root / "note.txt").write_text("Three packets open a connection, four close it.\n", encoding="utf-8")
    for path in (root, *root.iterdir()):
        os.utime(path, (WRITTEN, WRITTEN))
    folder.chmod(0o755)
    return root


def nginx_and_curl(folder: Path) -> None:
    """One connection, five requests: gzip and chunked, a picture, HEAD, 304, 404."""
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder), encoding="utf-8")
    url = f"http://{SERVER_IP}"
    since = "If-Modified-Since: Tue, 28 Jun 2016 02:15:07 GMT"
    with (
        running("nginx", "-c", str(configuration), inside=SERVER),
        recorded("real-nginx-curl.pcap", "eth0", CLIENT, folder),
    ):
        run(
            *("curl", "-sS", "--compressed", f"{url}/"),
            *("--next", "-sS", "-o", os.devnull, f"{url}/ladder.jpg"),
            *("--next", "-sS", "-I", f"{url}/note.txt"),
            *("--next", "-sS", "-H", since, f"{url}/"),
            *("--next", "-sS", f"{url}/missing.html"),
            inside=CLIENT,
        )


def http_server_and_curl(folder: Path) -> None:
    """Python's own server speaks HTTP/1.0 and closes after each answer: three requests, three connections.

    On the loopback of one namespace: a segment may hold 65,483 bytes there, and checksums are left open.
    """
    server = (sys.executable, "-m", "http.server", "8000", "--bind", "127.0.0.1")
    with (
        running(*server, inside=SERVER, cwd=folder / "site"),
        recorded("real-http-server.pcap", "lo", SERVER, folder),
    ):
        url = "http://127.0.0.1:8000"
        run(
            "curl",
            "-sS",
            f"{url}/index.html",
            "-o",
            os.devnull,
            f"{url}/note.txt",
            f"{url}/missing",
            inside=SERVER,
        )


def upload(folder: Path) -> None:
    """curl uploads two fields and a file; the answer comes in chunks, with pauses between them."""
    server = (sys.executable, str(MATERIAL / "upload_server.py"))
    with running(*server, inside=SERVER), recorded("real-upload.pcap", "eth0", CLIENT, folder):
        run(
            *(
                "curl",
                "-sS",
                "-F",
                "key2=456",
                "-F",
                "key1=123",
                "-F",
                f"file=@{MATERIAL / 'index.py'};type=text/x-python",
            ),
            f"http://{SERVER_IP}:8000/upload",
            inside=CLIENT,
        )


def record() -> None:
    """Record all three."""
    with tempfile.TemporaryDirectory() as name, two_hosts():
        folder = Path(name)
        site(folder)
        nginx_and_curl(folder)
        http_server_and_curl(folder)
        upload(folder)


if __name__ == "__main__":
    record()
