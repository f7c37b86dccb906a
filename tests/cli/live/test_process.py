"""`live` as a process: whose rights it has, how it ends, and interfaces that come and go under it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from tests.cli.live.running import ROOT, Live, without_loss
from tests.network import SERVER_ADDRESS, run

pytestmark = pytest.mark.programs

URL = f"http://{SERVER_ADDRESS}"
NOBODY = 65_534


def fetch(wires, target="/hello", tries=1):
    run(*wires.at_client("curl", "-s", "-o", "/dev/null", "--retry", str(tries), "--retry-all-errors", URL + target))


def wait_for(path, text, ask=lambda: None):
    """Until the file says that; `ask` asks for it."""
    end = time.monotonic() + 20
    while text not in path.read_text():
        assert time.monotonic() < end, f"never said {text!r}: {path.read_text()}"
        ask()
        time.sleep(0.05)


def status_of(process) -> dict[str, list[str]]:
    with open(f"/proc/{process.pid}/status") as file:
        return {name: values.split() for name, values in (line.split(":", 1) for line in file)}


@pytest.mark.parametrize(
    ("environment", "uid", "gid", "owner"),
    [
        pytest.param({}, NOBODY, NOBODY, (0, 0), id="nobody"),
        pytest.param({"SUDO_UID": "4711", "SUDO_GID": "4712"}, 4711, 4712, (4711, 4712), id="the user behind sudo"),
        pytest.param({"SUDO_UID": "0", "SUDO_GID": "0"}, NOBODY, NOBODY, (0, 0), id="sudo by root"),
    ],
)
def test_root_ends_before_the_first_packet(wires, web, tmp_path, environment, uid, gid, owner):
    """What is saved belongs to whoever asked for it, be it root."""
    saved = tmp_path / "saved.pcapng"
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl", "-w", str(saved), environment=environment)
    status = status_of(live.process)
    assert status["Uid"] == [str(uid)] * 4
    assert status["Gid"] == [str(gid)] * 4
    assert str(0) not in status["Groups"]
    for kind in ("CapInh", "CapPrm", "CapEff"):
        assert int(status[kind][0], 16) == 0, kind
    assert status["NoNewPrivs"] == ["1"]
    fetch(wires)
    assert len(live.stop()) == 1, "it captures all the same"
    found = saved.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (*owner, 0o600)


def test_rotated_files_are_refused_where_they_cannot_be_made_later(wires, tmp_path):
    folder = tmp_path / "roots"
    folder.mkdir(mode=0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ("SUDO_UID", "SUDO_GID")}
    done = subprocess.run(
        wires.at_server(
            *(sys.executable, "-m", "httptrace", "live", "-w", str(folder / "it.pcapng"), "--rotate", "1M"),
            *("--duration", "1s"),
        ),
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert "files cannot be created there" in done.stderr
    assert "--no-drop-privileges" in done.stderr
    assert list(folder.iterdir()) == []


def test_root_may_stay(wires, web, tmp_path):
    live = Live(wires, tmp_path, "-i", "wire", "--no-drop-privileges")
    assert status_of(live.process)["Uid"] == ["0"] * 4
    live.process.send_signal(signal.SIGTERM)
    assert live.process.wait(20) == 0


def test_nothing_is_imported_behind_the_drop(wires, web, tmp_path):
    """The folder that Python's modules lie in may be closed to the user who goes on."""
    program = """
import sys, os
from httptrace.capture.live import privileges
from httptrace.cli.main import main
before, drop = set(), privileges.drop
def dropped(user):
    drop(user)
    before.update(sys.modules)
privileges.drop = dropped
status = main(sys.argv[1:])
print(sorted(set(sys.modules) - before), file=sys.stderr)
sys.exit(status)
"""
    (web.folder / "www" / "page").write_bytes(b"<p>page</p>")
    for shown in (["--format", "jsonl"], ["--format", "table"], ["--walk"]):
        process = subprocess.Popen(
            wires.at_server(sys.executable, "-c", program, "live", "-i", "wire", *shown),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stderr is not None
        assert b"capturing" in process.stderr.readline()
        fetch(wires, "/page")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0
        assert b"/page" in out, err
        assert err.splitlines()[-1] == b"[]", shown


def test_the_interface_is_deleted_and_made_again(wires, web, tmp_path):
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    fetch(wires)
    live.wait_for_lines(1)
    wires.disconnect()
    live.wait_for("wire is gone")
    wires.connect()
    live.wait_for("wire is back")
    fetch(wires, tries=5)
    assert len(live.stop()) == 2
    without_loss(live)


def test_the_interface_goes_down_and_is_renamed(wires, web, tmp_path):
    inside = ("ip", "-n", wires.server, "link", "set")
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    try:
        run(*inside, "wire", "down")
        live.wait_for("wire went down")
        run(*inside, "wire", "name", "cable")
        live.wait_for("wire is now called cable")
        run(*inside, "cable", "up")
        live.wait_for("cable is up again")
        fetch(wires, tries=5)
        assert len(live.stop()) == 1
    finally:
        subprocess.run(wires.at_server("ip", "link", "delete", "cable"), check=False, capture_output=True)
        subprocess.run(wires.at_server("ip", "link", "delete", "wire"), check=False, capture_output=True)
        wires.connect()
    without_loss(live)


def test_loopback_shows_each_packet_once(wires, web, tmp_path):
    for names in (["-i", "lo"], []):
        live = Live(wires, tmp_path, *names, "--format", "jsonl", "--port", "80")
        run(*wires.at_server("curl", "-s", "-o", "/dev/null", "http://127.0.0.1/hello", "http://[::1]/hello"))
        exchanges = live.stop()
        assert len(exchanges) == 2
        packets = sorted(one["response"]["last_packet"] for one in exchanges)
        assert packets[1] < 20, "two connections of ten packets each at the most"
        assert "passed a second interface" not in live.err
        without_loss(live)


def test_the_end_after_so_many_and_the_status_on_demand(wires, web, tmp_path):
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl", "--count", "3", "--status", "200")
    fetch(wires, "/nowhere")
    fetch(wires)
    live.wait_for_lines(1)
    time.sleep(0.3)
    live.process.send_signal(signal.SIGUSR1)
    live.wait_for("1 exchange ·")
    for _ in range(4):
        fetch(wires)
    assert live.process.wait(20) == 0
    assert [one["response"]["status"] for one in live.lines()] == [200, 200, 200]
    assert "3 of them as asked for" in live.err


def test_a_second_signal_ends_at_once(wires, web, tmp_path):
    """Here in front of a pipe that nobody reads, on which the first waits for ever."""
    content = bytes(200_000)
    (web.folder / "www" / "some").write_bytes(content)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        wires.at_server(sys.executable, "-m", "httptrace", "live", "-i", "wire", "--format", "jsonl"),
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    os.close(writing)
    assert process.stderr is not None
    assert b"capturing" in process.stderr.readline()
    run(*wires.at_client("curl", "-s", "--parallel", "-o", "/dev/null", f"{URL}/hello?[1-300]"))
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None, "it waits for the pipe"
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    process.stderr.close()
    os.close(reading)


def test_a_reader_that_leaves_ends_it(wires, web, tmp_path):
    process = subprocess.Popen(
        wires.at_server(sys.executable, "-m", "httptrace", "live", "-i", "wire", "--format", "jsonl"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert b"capturing" in process.stderr.readline()
    fetch(wires)
    assert process.stdout.readline().startswith(b'{"no":1,')
    process.stdout.close()
    fetch(wires)
    fetch(wires)
    assert process.wait(20) == 0
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


def test_what_is_saved_to_stdout_is_read_by_list(wires, web, tmp_path):
    live = Live(wires, tmp_path, "-i", "wire", "-w", "-")
    fetch(wires)
    fetch(wires, "/nowhere")
    live.process.send_signal(signal.SIGINT)
    assert live.process.wait(20) == 0
    read = subprocess.run(
        [sys.executable, "-m", "httptrace", "list", "-", "--format", "jsonl"],
        input=live.raw(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert [b'"status":200' in line for line in read.stdout.splitlines()] == [True, False]


def test_a_pipe_that_nobody_reads_stops_no_capture(wires, web, tmp_path):
    """It captures on, packets wait; when the pipe is read at last all of them are there."""
    (web.folder / "www" / "much").write_bytes(bytes(2_000_000))
    with (tmp_path / "err").open("w+") as err:
        process = subprocess.Popen(
            wires.at_server(sys.executable, "-m", "httptrace", "live", "-i", "wire", "-w", "-"),
            stdout=subprocess.PIPE,
            stderr=err,
            cwd=ROOT,
        )
        assert process.stdout is not None
        wait_for(tmp_path / "err", "capturing on")
        for _ in range(3):
            fetch(wires, "/much")
        wait_for(tmp_path / "err", "3 exchanges", lambda: process.send_signal(signal.SIGUSR1))
        process.send_signal(signal.SIGINT)
        saved = process.stdout.read()
        assert process.wait(20) == 0
        process.stdout.close()
    read = subprocess.run(
        [sys.executable, "-m", "httptrace", "list", "-", "--format", "jsonl"],
        input=saved,
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert read.stdout.count(b'"size":2000000,') == 3


@pytest.mark.parametrize("source", ["libpcap", "scapy"])
def test_the_other_ways_see_the_same(wires, web, tmp_path, source):
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl", "--source", source)
    time.sleep(0.2)
    for target in ("/hello", "/nowhere"):
        fetch(wires, target)
    exchanges = live.stop()
    assert [one["request"]["target"] for one in exchanges] == ["/hello", "/nowhere"]
    assert [one["response"]["status"] for one in exchanges] == [200, 404]
    without_loss(live)
