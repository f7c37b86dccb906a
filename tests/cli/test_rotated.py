"""`--follow` beside real tcpdump, in namespaces of the test's own: rotated files in every manner, and a pipe."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from httptrace.capture.rotate import CaptureFiles
from tests.cli.test_following import PATIENCE, Running
from tests.network import SERVER_ADDRESS, Network, network, possible
from tests.programs import need

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(not possible(), reason="needs root and network namespaces"),
]

SIZE = 150_000
PORT = 8000


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """Two namespaces, and a web server in one of them."""
    folder = tmp_path_factory.mktemp("www")
    (folder / "large").write_bytes(bytes(range(256)) * (SIZE // 256))
    (folder / "small").write_bytes(b"hello")
    with network() as made:
        server = subprocess.Popen(
            made.at_server("python3", "-m", "http.server", str(PORT), "--directory", str(folder)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not fetch(made, "small"):
                assert server.poll() is None
            yield made
        finally:
            server.terminate()
            server.wait()


def fetch(net: Network, *names: str) -> bool:
    """Fetch these; whether all came."""
    urls = [f"http://{SERVER_ADDRESS}:{PORT}/{name}" for name in names]
    curl = [need("curl"), "-s", "-f", *(word for url in urls for word in ("-o", "/dev/null", url))]
    return subprocess.run(net.at_client(*curl), check=False, timeout=PATIENCE).returncode == 0


class Tcpdump:
    """tcpdump at the server, capturing until the end of the block. It looks at its ring once a second, or at once."""

    def __init__(self, net: Network, *options: str, at_once: bool = False, stdout: int = subprocess.DEVNULL) -> None:
        self._late = 0.3 if at_once else 1.2
        options = ("--immediate-mode", *options) if at_once else options
        command = [need("tcpdump"), "-i", net.interface, "-Z", "root", *options, "tcp", "port", str(PORT)]
        self.process = subprocess.Popen(net.at_server(*command), stderr=subprocess.PIPE, stdout=stdout)
        assert self.process.stderr is not None
        while b"listening on" not in (said := self.process.stderr.readline()):
            assert said, "tcpdump does not start"

    def __enter__(self) -> Tcpdump:
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(self._late)  # what it has not read by then it would never write
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=PATIENCE)
        assert b"\n0 packets dropped by kernel" in said


@pytest.mark.parametrize(
    ("options", "pattern", "pause"),
    [
        pytest.param(["-C", "1", "-w", "it.pcap"], "it.pcap*", 0.0, id="by-size"),
        pytest.param(["-C", "1", "-W", "3", "-w", "it.pcap"], "it.pcap*", 0.1, id="names-in-turn"),
        pytest.param(["-G", "1", "-w", "%s.pcap"], "*.pcap", 0.1, id="by-time"),
        pytest.param(["-G", "1", "-z", "gzip", "-w", "%s.pcap"], "*.pcap", 0.1, id="compressed-behind-us"),
        pytest.param(["-U", "-w", "it.pcap"], "it.pcap*", 0.0, id="one-file"),
    ],
)
def test_every_exchange_once_whatever_the_rotation(net, tmp_path, options, pattern, pause):
    options = [str(tmp_path / option) if option.endswith(".pcap") else option for option in options]
    count = 30
    out = tmp_path / "out"
    arguments = ("list", "--follow", tmp_path / pattern, "--format", "jsonl")
    with out.open("wb") as file, Running(*arguments, stdout=file) as running:
        # Python may take seconds to start; what was compressed by then is not read.
        assert b"no such file yet" in running.process.stderr.readline()
        with Tcpdump(net, *options):
            for _ in range(count):
                assert fetch(net, "large", "small", "large")  # one connection each, some in two files
                time.sleep(pause)
        status, _, err = running.end(signal.SIGTERM)  # what has come since the last look is still read
    records = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert status == 0
    assert err == ""
    assert Counter(record["request"]["target"] for record in records) == {"/large": 2 * count, "/small": count}
    assert all(record["response"]["complete"] and not record["notes"] for record in records)
    assert sorted(record["no"] for record in records) == list(range(1, 3 * count + 1))
    if pause == 0.0:  # all files are still there
        written = [str(path) for path in tmp_path.glob(pattern)]
        assert len(written) > 3 or "-C" not in options
        with Running("list", *written, "--format", "jsonl") as again:
            again = [json.loads(line) for line in again.end()[1].splitlines()]
        assert again == sorted(records, key=lambda record: record["no"])


def test_a_pipe_from_tcpdump_gives_each_exchange_at_once(net):
    late = []
    with (
        Tcpdump(net, "-U", "-w", "-", at_once=True, stdout=subprocess.PIPE) as tcpdump,
        Running("list", "-", "--format", "jsonl", stdin=tcpdump.process.stdout) as running,
    ):
        for _ in range(5):
            assert fetch(net, "small")
            begun = time.monotonic()
            assert json.loads(running.line())["response"]["body"]["size"] == 5
            late.append(time.monotonic() - begun)
    assert min(late[1:]) < 0.2  # the first waits for Python to start; a busy machine may be late once


@pytest.mark.parametrize("options", [{}, {"rotate": 200_000}], ids=["one-file", "rotated"])
def test_what_live_saves_reads_back_the_same(net, tmp_path: Path, options):
    """The packets of a capture of tcpdump, saved as live capture saves them: the same exchanges, here and in tshark."""
    from httptrace.capture.merge import open_captures

    original = tmp_path / "original.pcap"
    with Tcpdump(net, "--nano", "-w", str(original)):
        for _ in range(5):
            assert fetch(net, "large", "small")
    saved = tmp_path / "saved"
    saved.mkdir()
    files = CaptureFiles(str(saved / "it.pcapng"), **options, filter=f"tcp port {PORT}")
    with open_captures([str(original)]) as captures:
        for block, start, end, wire, time_ns, link_type in captures.frames():
            if not files.packets:
                files.interface("wire", link_type, 262_144)
            files.packet(0, time_ns, memoryview(block)[start:end], wire)
    files.statistics(0, files.packets, 0)
    files.close()
    paths = sorted(map(str, saved.iterdir()))
    assert len(paths) == 1 or options

    def lists(*captures: str) -> str:
        with Running("list", *captures, "--format", "jsonl") as running:
            status, out, err = running.end()
        assert (status, err) == (0, "")
        return out

    assert lists(*paths) == lists(str(original))
    assert lists(*paths).count("\n") == 10

    def tshark(path: str) -> list[str]:
        fields = ["frame.time_epoch", "ip.src", "tcp.seq_raw", "tcp.len", "http.request.uri", "http.response.code"]
        command = [need("tshark"), "-n", "-r", path, "-d", f"tcp.port=={PORT},http", "-T", "fields"]
        command += [word for field in fields for word in ("-e", field)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()

    if not options:  # over several files reassembly begins anew in tshark
        assert tshark(paths[0]) == tshark(str(original))
