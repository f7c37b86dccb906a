"""Two network namespaces joined by a veth pair, with a web server in one and clients in the other: all traffic of the
live tests and benchmarks stays in there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

SERVER_ADDRESS, CLIENT_ADDRESS = "10.77.0.1", "10.77.0.2"
SERVER_ADDRESS_6, CLIENT_ADDRESS_6 = "fd77::1", "fd77::2"

_numbers = count()

_NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log {folder}/access.log combined buffer=64k flush=1s;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    keepalive_requests 10000000; sendfile on; default_type application/octet-stream;
    server {{
        listen 80 backlog=4096; listen [::]:80 backlog=4096; listen 8080;
        root {folder}/www;
        location = /hello {{ return 200 "hello\\n"; }}
        location = /packed {{ default_type text/plain; gzip on; gzip_types text/plain; gzip_min_length 1; }}
        location = /slow {{ limit_rate 20k; }}
        error_page 405 =200 $uri;
    }}
}}
"""


def possible() -> bool:
    """Whether namespaces can be made here: Linux, root, and nobody forbids it."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    return subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0


def run(*command: str) -> str:
    """Run a command to its end; its output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Network:
    """The two namespaces. `interface`: the server's end of the veth pair, as it is called there."""

    interface = "wire"

    def __init__(self) -> None:
        name = f"httptrace-{os.getpid()}-{next(_numbers)}"
        self.server, self.client = f"{name}-s", f"{name}-c"
        run("ip", "netns", "add", self.server)
        run("ip", "netns", "add", self.client)
        for namespace in (self.server, self.client):
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        self.connect()

    def connect(self) -> None:
        """Make the veth pair, and give it its addresses."""
        run(
            *("ip", "-n", self.server, "link", "add", self.interface, "type", "veth"),
            *("peer", "name", "wire", "netns", self.client),
        )
        for namespace, address, address_6 in (
            (self.server, SERVER_ADDRESS, SERVER_ADDRESS_6),
            (self.client, CLIENT_ADDRESS, CLIENT_ADDRESS_6),
        ):
            run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", "wire")
            run("ip", "-n", namespace, "address", "add", f"{address_6}/64", "dev", "wire", "nodad")
            run("ip", "-n", namespace, "link", "set", "wire", "up")

    def disconnect(self) -> None:
        """Delete the veth pair."""
        run("ip", "-n", self.server, "link", "delete", self.interface)

    def at_server(self, *command: str) -> list[str]:
        """The same command in the server's namespace."""
        return ["ip", "netns", "exec", self.server, *command]

    def at_client(self, *command: str) -> list[str]:
        """The same command in the client's namespace."""
        return ["ip", "netns", "exec", self.client, *command]

    def close(self) -> None:
        """Remove both."""
        for namespace in (self.server, self.client):
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


@contextmanager
def network() -> Iterator[Network]:
    """The two namespaces, for a while."""
    made = Network()
    try:
        yield made
    finally:
        made.close()


class WebServer:
    """nginx in the server's namespace; `folder` holds www, access.log and error.log."""

    def __init__(self, net: Network, folder: Path) -> None:
        self.folder = folder
        self._net = net
        (folder / "www").mkdir()
        configuration = folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=folder))
        self._process = subprocess.Popen(
            net.at_server("nginx", "-e", str(folder / "error.log"), "-c", str(configuration))
        )
        for _ in range(100):
            if self._answers():
                break
            time.sleep(0.05)
        else:
            self.stop()
            raise RuntimeError((folder / "error.log").read_text())
        self._first = self._logged()

    def _answers(self) -> bool:
        probe = f"import socket; socket.create_connection(('{SERVER_ADDRESS}', 8080), 1).close()"
        done = subprocess.run(self._net.at_client(sys.executable, "-c", probe), check=False, capture_output=True)
        return done.returncode == 0

    def _logged(self) -> int:
        log = self.folder / "access.log"
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGUSR1)  # reopening its log, nginx writes what it has gathered
        time.sleep(0.1)
        return len(log.read_bytes().splitlines())

    def requests(self) -> list[str]:
        """The lines of the access log, all that there are."""
        self._logged()
        return (self.folder / "access.log").read_text().splitlines()

    @contextmanager
    def pinned_to(self, processor: int) -> Iterator[None]:
        """Meanwhile it runs on that processor alone."""
        before = os.sched_getaffinity(self._process.pid)
        os.sched_setaffinity(self._process.pid, {processor})
        try:
            yield
        finally:
            os.sched_setaffinity(self._process.pid, before)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def web_server(net: Network, folder: Path) -> Iterator[WebServer]:
    """nginx, for a while."""
    server = WebServer(net, folder)
    try:
        yield server
    finally:
        server.stop()
