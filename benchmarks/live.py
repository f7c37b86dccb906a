"""Live capture beside `tcpdump -w`: packets a second without loss, and the processor time of both.

    python -m benchmarks.live              packets/s that each takes, what it loses, its processor time; full analysis
    python -m benchmarks.live --minutes 10 a paced load for so long: memory must stay flat, nothing may be lost

Everything happens in two network namespaces that are made for it and removed again; that needs root. The packets come
out of a ring of the kernel's own (PACKET_TX_RING), whole and at a chosen rate, so that the generator costs little.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.network import SERVER_ADDRESS, Network, network, possible, run, web_server

ROOT = Path(__file__).parent.parent
RATES = (50_000, 100_000, 200_000, 400_000, 600_000)
SECONDS = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.live", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, help="a paced load for so long, instead of the table")
    parser.add_argument("--generate", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.generate is not None:
        generate(asked.generate, SECONDS)
    elif asked.alone:
        capture_alone()
    elif not possible():
        sys.exit("network namespaces need root")
    elif asked.minutes is not None:
        paced(asked.minutes)
    else:
        table()


# ---------------------------------------------------------------------- what is compared


def table() -> None:
    """Rates without loss, as Markdown."""
    print("| packets/s sent | program | received | lost | processor, µs a packet |")
    print("| ---: | --- | ---: | ---: | ---: |")
    with network() as net:
        for rate in RATES:
            for name, measure in (("tcpdump -w", tcpdump), ("httptrace, capture alone", alone)):
                received, lost, cost = measure(net, rate)
                sent = f"{(received + lost) / SECONDS:,.0f}"
                print(f"| {sent} | {name} | {received:,} | {lost:,} | {cost:.2f} |", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            with web_server(net, Path(folder)):
                whole(net)


def tcpdump(net: Network, rate: float) -> tuple[int, int, float]:
    """What `tcpdump -w` takes of it: packets, packets lost, µs a packet."""
    command = net.at_server("tcpdump", "-i", "wire", "-B", "65536", "-w", "/dev/null", "tcp")
    program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    send(net, rate)
    program.send_signal(signal.SIGINT)
    assert program.stderr is not None
    said = program.stderr.read()
    program.stderr.close()
    used = cost_of(program)
    counts = {
        what: int(line.split()[0])
        for line in said.splitlines()
        for what in ("captured", "dropped by kernel")
        if what in line
    }
    received = counts["captured"]
    return received, counts["dropped by kernel"], used / max(received, 1) * 1e6


def alone(net: Network, rate: float) -> tuple[int, int, float]:
    """The same of the ring, whose packets are walked and not analyzed."""
    command = net.at_server(sys.executable, "-m", "benchmarks.live", "--alone")
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    send(net, rate)
    program.send_signal(signal.SIGINT)
    counts = json.loads(program.stdout.read())
    program.stdout.close()
    program.wait()
    return counts["packets"], counts["dropped"], counts["processor"] / max(counts["packets"], 1) * 1e6


def cost_of(program: subprocess.Popen[str]) -> float:
    """Seconds of processor that a program took; waits for its end."""
    _pid, _status, usage = os.wait4(program.pid, 0)
    program.returncode = 0
    return usage.ru_utime + usage.ru_stime


def capture_alone() -> None:
    """Walk the ring until SIGINT; says what it cost."""
    from httptrace.capture.live.filters import compile_filter
    from httptrace.capture.live.ring import Ring
    from httptrace.cli.live.session import Signals

    ring = Ring(["wire"], compile_filter("tcp").program)
    packets = 0
    with Signals() as signals:
        print("ready", flush=True)
        begun = time.process_time()
        while not signals.asked_to_end:
            if ring.wait(0.25, signals.wake):
                packets += sum(1 for _ in ring.take() or ())
            signals.heard()
        time.sleep(ring.stop())
        while (frames := ring.take()) is not None:
            packets += sum(1 for _ in frames)
    ring.count()
    spent = time.process_time() - begun
    print(json.dumps({"packets": packets, "dropped": ring.counters.dropped, "processor": spent}))


def whole(net: Network) -> None:
    """Full analysis while wrk runs as fast as it can for three seconds."""
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder, "err")
        with errors.open("w") as err:
            program = subprocess.Popen(
                net.at_server(sys.executable, "-m", "httptrace", "live", "-i", "wire", "--format", "jsonl"),
                stdout=subprocess.DEVNULL,
                stderr=err,
                cwd=ROOT,
                text=True,
            )
        time.sleep(1.5)
        wrk = run(*net.at_client("wrk", "-t1", "-c32", "-d3s", f"http://{SERVER_ADDRESS}/hello"))
        rate = next(line.split()[1] for line in wrk.splitlines() if "Requests/sec" in line)
        begun = time.monotonic()
        program.send_signal(signal.SIGINT)
        used = cost_of(program)
        waited = time.monotonic() - begun
        print(f"\nFull analysis, wrk at {float(rate):,.0f} requests/s for 3 s; the end came {waited:.0f} s later,")
        print(f"{used:.1f} s of processor. It says:\n")
        print("\n".join("    " + line.removeprefix("httptrace: ") for line in errors.read_text().splitlines()[1:]))


# ---------------------------------------------------------------------- a long run


def paced(minutes: float) -> None:
    """Requests at an even pace on new and old connections; memory twice a minute."""
    with network() as net, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with web_server(net, Path(folder)), Path(folder, "err").open("w+") as err:
            (Path(folder) / "www" / "page").write_bytes(bytes(range(256)) * 40)
            program = subprocess.Popen(
                net.at_server(sys.executable, "-m", "httptrace", "live", "-i", "wire", "--format", "jsonl"),
                stdout=subprocess.DEVNULL,
                stderr=err,
                cwd=ROOT,
                text=True,
            )
            time.sleep(1.5)
            end = time.monotonic() + minutes * 60
            memory = []
            client = ROOT / "benchmarks" / "paced.lua"
            while time.monotonic() < end:
                lasts = min(30.0, max(1.0, end - time.monotonic()))
                command = net.at_client(
                    "wrk", "-t1", "-c16", f"-d{lasts:.0f}s", "-s", str(client), f"http://{SERVER_ADDRESS}/page"
                )
                run(*command)
                memory.append(resident(program.pid))
                print(f"{memory[-1] / 1e6:.1f} MB", flush=True)
            program.send_signal(signal.SIGINT)
            program.wait()
            err.seek(0)
            print(err.read())
            half = len(memory) // 2
            if half > 1:
                print(f"growth over the second half: {(memory[-1] - memory[half]) / 1e6:+.1f} MB")


def resident(process: int) -> int:
    """The memory of a process, in bytes, the shared ring left out."""
    with open(f"/proc/{process}/status") as file:
        values = dict(line.split(":", 1) for line in file)
    return int(values["RssAnon"].split()[0]) * 1024


# ---------------------------------------------------------------------- packets

_FRAME, _FRAMES = 2048, 512
_DATA_AT = 32  # TPACKET2_HDRLEN - sizeof(struct sockaddr_ll)


def send(net: Network, rate: float) -> None:
    """Packets at that rate for some seconds, out of the client's namespace."""
    subprocess.run(
        net.at_client(sys.executable, "-m", "benchmarks.live", "--generate", str(rate)), check=True, cwd=ROOT
    )


def generate(rate: float, seconds: float) -> None:
    """Send TCP segments of 100 octets through a ring: one call of the system for many."""
    import mmap
    import socket
    import struct

    target = bytes.fromhex(Path("/sys/class/net/wire/address").read_text().strip().replace(":", ""))
    packet = (
        target
        + target
        + b"\x08\x00"
        + struct.pack(
            "!BBHHHBBH4s4sHHIIHHHH",
            *(0x45, 0, 140, 1, 0, 64, 6, 0, socket.inet_aton("10.77.0.2"), socket.inet_aton(SERVER_ADDRESS)),
            *(40_000, 80, 1, 1, 0x5010, 512, 0, 0),
        )
        + bytes(100)
    )
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.setsockopt(263, 10, 1)  # TPACKET_V2
        out.setsockopt(263, 20, 1)  # PACKET_QDISC_BYPASS
        out.setsockopt(263, 13, struct.pack("=4I", _FRAME * 64, _FRAMES // 64, _FRAME, _FRAMES))  # PACKET_TX_RING
        out.bind(("wire", 0))
        ring = mmap.mmap(out.fileno(), _FRAME * _FRAMES)
        for frame in range(_FRAMES):
            at = frame * _FRAME
            ring[at + 4 : at + 8] = struct.pack("=I", len(packet))
            ring[at + _DATA_AT : at + _DATA_AT + len(packet)] = packet
        status = memoryview(ring).cast("I")[:: _FRAME // 4]
        ready = memoryview(struct.pack("=I", 1) * _FRAMES).cast("I")  # TP_STATUS_SEND_REQUEST
        begun, sent = time.monotonic(), 0
        while (now := time.monotonic() - begun) < seconds:
            if sent > rate * now:
                select.select([], [], [], 0.0005)
                continue
            status[:] = ready
            out.send(b"")
            sent += _FRAMES
        status.release()
        ready.release()


if __name__ == "__main__":
    main()
