"""`live` on real traffic: what nginx logged is what was seen, and no more."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import time

import pytest

from tests.cli.live.running import Live, without_loss
from tests.network import CLIENT_ADDRESS, SERVER_ADDRESS, SERVER_ADDRESS_6, run

pytestmark = pytest.mark.programs

URL = f"http://{SERVER_ADDRESS}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def logged(web, since: int) -> list[str]:
    """`METHOD TARGET STATUS` of every request that nginx logged behind that many lines."""
    found = []
    for line in web.requests()[since:]:
        request, rest = line.split('"')[1:3]
        found.append(f"{' '.join(request.split()[:2])} {rest.split()[0]}")
    return sorted(found)


def seen(exchanges) -> list[str]:
    return sorted(
        f"{one['request']['method']} {one['request']['target']} {one['response']['status']}" for one in exchanges
    )


def packed_page(web) -> bytes:
    """A page at /packed, which nginx packs anew for each request: that slows it down to tens of thousands a second."""
    content = b"".join(b"line %d of a page\n" % number for number in range(200))
    (web.folder / "www" / "packed").write_bytes(content)
    return content


def wrk(connections: int, seconds: int) -> tuple[str, ...]:
    """wrk as fast as it goes, on the first processor."""
    return (
        *("taskset", "-c", "0", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"),
        *("-H", "Accept-Encoding: gzip", f"{URL}/packed"),
    )


def test_every_request_is_seen_with_its_body(wires, web, tmp_path):
    source = random.Random("bodies")
    bodies = {f"/body{size}": source.randbytes(size) for size in (0, 1, 1460, 65_536, 300_000)}
    for target, content in bodies.items():
        (web.folder / "www" / target[1:]).write_bytes(content)
    upload = source.randbytes(250_000)
    (tmp_path / "upload").write_bytes(upload)
    before = len(web.requests())
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    urls = [URL + target for target in bodies] + [f"http://[{SERVER_ADDRESS_6}]{target}" for target in bodies]
    for url in (*urls, f"{URL}/missing", f"{URL}:8080/body1"):
        run(*wires.at_client("curl", "-s", "-o", "/dev/null", url))
    run(*wires.at_client("curl", "-s", "-o", "/dev/null", "--data-binary", f"@{tmp_path}/upload", f"{URL}/body1"))
    run(*wires.at_client("curl", "-s", "-o", "/dev/null", "-I", f"{URL}/body300000"))
    exchanges = live.stop()
    assert seen(exchanges) == logged(web, before)
    assert len(exchanges) == 2 * len(bodies) + 4
    for one in exchanges:
        request, response = one["request"], one["response"]
        assert response["complete"], one
        if request["method"] == "GET" and response["status"] == 200:
            content = bodies[request["target"]]
            assert response["body"]["sha256"] == (sha256(content) if content else None), request["target"]
        if request["method"] == "POST":
            assert request["body"]["sha256"] == sha256(upload)
    without_loss(live)


def test_a_large_download_is_seen_whole(wires, web, tmp_path):
    size = 1 << 30
    with (web.folder / "www" / "large").open("wb") as large:
        large.truncate(size)
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    # Faster than a gigabit, slower than a machine that does other things besides can hash.
    run(*wires.at_client("curl", "-s", "--limit-rate", "200M", "-o", "/dev/null", f"{URL}/large"))
    (exchange,) = live.stop()
    hashed = hashlib.sha256()
    for _ in range(64):
        hashed.update(bytes(size // 64))
    assert exchange["response"]["body"]["size"] == size
    assert exchange["response"]["body"]["sha256"] == hashed.hexdigest()
    assert exchange["notes"] == []
    without_loss(live)


def test_two_hundred_connections_at_once(wires, web, tmp_path):
    content = random.Random("two hundred").randbytes(40_000)
    (web.folder / "www" / "slow").write_bytes(content)
    before = len(web.requests())
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl", "-w", str(tmp_path / "saved.pcapng"))
    # On its own connection each, all of them held open by the rate at which nginx sends.
    run(
        *wires.at_client("curl", "-s", "--parallel", "--parallel-immediate", "--parallel-max", "200"),
        *("-o", "/dev/null", f"{URL}/slow?[1-200]"),
    )
    exchanges = live.stop()
    assert seen(exchanges) == logged(web, before)
    assert len({one["stream"] for one in exchanges}) == 200
    assert {one["response"]["body"]["sha256"] for one in exchanges} == {sha256(content)}
    assert max(one["request"]["time"] for one in exchanges) < min(one["response"]["end_time"] for one in exchanges)
    without_loss(live)


def test_a_client_killed_in_the_middle_of_a_body(wires, web, tmp_path):
    (web.folder / "www" / "long").write_bytes(bytes(50_000_000))
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    part = tmp_path / "part"
    client = subprocess.Popen(wires.at_client("curl", "-s", "-o", str(part), "--limit-rate", "2M", f"{URL}/long"))
    while not part.exists() or part.stat().st_size < 500_000:
        assert client.poll() is None
        time.sleep(0.02)
    client.kill()
    client.wait()
    (exchange,) = live.wait_for_lines(1)
    assert not exchange["response"]["complete"]
    assert 0 < exchange["response"]["body"]["size"] < 50_000_000
    assert [note["code"] for note in exchange["notes"]] == ["truncated"]
    live.stop(signal.SIGTERM)
    without_loss(live)


def test_full_speed(wires, web, tmp_path):
    """wrk as fast as nginx can pack for three seconds, both on one processor: nothing lost, the same requests as nginx
    logged, each body unpacked and whole."""
    content = packed_page(web)
    before = len(web.requests())
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    with web.pinned_to(0):
        said = run(*wires.at_client(*wrk(16, 3)))
    exchanges = live.stop(seconds=120)
    without_loss(live)
    answered = [one for one in exchanges if one["response"] is not None]
    # wrk leaves in the middle: its last requests may have been sent and not read by nginx any more.
    assert len(exchanges) - len(answered) <= 16
    assert len(answered) == len(logged(web, before)), said
    assert len(answered) > 3_000
    whole = [one for one in answered if one["response"]["complete"]]
    assert len(answered) - len(whole) <= 16
    assert {(one["response"]["body"]["encoding"], one["response"]["body"]["sha256"]) for one in whole} == {
        ("gzip", sha256(content))
    }


def test_ending_under_load_loses_nothing_that_was_received(wires, web, tmp_path):
    saved = tmp_path / "saved.pcapng"
    packed_page(web)
    load = subprocess.Popen(wires.at_client(*wrk(8, 60)), stdout=subprocess.DEVNULL)
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl", "-w", str(saved))
    live.wait_for_lines(1_000, seconds=60)
    exchanges = live.stop(seconds=120)
    load.terminate()
    load.wait()
    without_loss(live)
    read = subprocess.run(
        [os.sys.executable, "-m", "httptrace", "list", "--format", "jsonl", str(saved)], capture_output=True, check=True
    )
    assert sorted(read.stdout.splitlines()) == sorted(live.raw().splitlines())
    assert len(exchanges) >= 1_000
    # What the kernel counted stands in the file's statistics; it is the number of packets in it.
    from httptrace.capture.merge import open_captures

    with open_captures([str(saved)]) as captures:
        packets = sum(1 for _ in captures.frames())
        assert captures.drops == 0
    said = next(line for line in live.err.splitlines() if "packets · " in line)
    assert said.split()[1] == f"{packets:,}"


def test_a_line_comes_soon(wires, web, tmp_path):
    live = Live(wires, tmp_path, "-i", "wire", "--format", "jsonl")
    waited = []
    for count in range(1, 6):
        run(*wires.at_client("curl", "-s", "-o", "/dev/null", f"{URL}/hello"))
        exchange = live.wait_for_lines(count)[-1]
        waited.append(time.time() - exchange["response"]["end_time"])
    live.stop()
    assert min(waited) < 0.2, waited  # the 30 ms of a block, a process that ends, and a busy machine


def test_any_counts_what_passes_a_bridge_once(wires, web, tmp_path):
    """With the wire in a bridge every packet passes two interfaces."""
    inside = ("ip", "-n", wires.server)
    live = Live(wires, tmp_path, "--format", "jsonl", "--port", "80")
    try:
        run(*inside, "address", "flush", "dev", "wire")
        run(*inside, "link", "add", "bridge", "type", "bridge")
        run(*inside, "link", "set", "wire", "master", "bridge")
        run(*inside, "address", "add", f"{SERVER_ADDRESS}/24", "dev", "bridge")
        run(*inside, "link", "set", "bridge", "up")
        run(*wires.at_client("curl", "-s", "-o", "/dev/null", "--retry", "5", "--retry-connrefused", f"{URL}/hello"))
        exchanges = live.stop()
    finally:
        run(*inside, "link", "delete", "bridge")
        wires.disconnect()
        wires.connect()
    assert [one["client"]["ip"] for one in exchanges] == [CLIENT_ADDRESS]
    assert exchanges[0]["response"]["last_packet"] < 12, "no packet was counted twice"
    assert "passed a second interface and were counted once" in live.err
    without_loss(live)
