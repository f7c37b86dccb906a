"""`summary`: its numbers are those of `list` and `streams`, it fits its width, and it names what to do next."""

from __future__ import annotations

import re
import shlex
from collections import Counter

import pytest

from httptrace.cli.verbs.summary_ import Reading
from httptrace.outputs.wrap import cell_width
from httptrace.selection import Filter
from tests.build import conversation, get, lost, ok, post, together
from tests.cli.command import CAPTURES, named

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


def section(result, title):
    """The lines under a heading that begins so."""
    lines = result.lines
    start = next(index for index, line in enumerate(lines) if line.startswith(f"── {title}"))
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("── ")), len(lines))
    return [line for line in lines[start + 1 : end] if line]


def survey_of(name):
    reading = Reading([named(name)], Filter(), top=1000)
    assert reading.read() == 0
    return reading.survey


@pytest.mark.parametrize("name", EVERY)
def test_exchanges_are_counted_as_list_has_them(httptrace, name):
    records = httptrace("list", name, "--format", "jsonl").records
    found = survey_of(name).exchanges
    assert found.count == len(records)
    assert found.methods.counts == Counter(one["request"]["method"] for one in records)
    assert found.statuses == Counter(one["response"]["status"] for one in records)
    sizes, types = Counter(), Counter()
    for one in records:
        body = one["response"]["body"]
        if body["size"]:
            essence = (body["content_type"] or "").partition(";")[0]
            sizes[essence] += body["size"]
            types[essence] += 1
    assert {key: row.size for key, row in found.responses.rows.items()} == sizes
    assert {key: row.messages for key, row in found.responses.rows.items()} == types
    notes = Counter(note["code"] for one in records for note in one["notes"])
    assert {key: row.times for key, row in found.notes.rows.items()} == notes
    took = {one["no"]: one["response"]["end_time_ns"] - one["request"]["time_ns"] for one in records if one["response"]}
    assert {shown.no: measure for measure, shown in found.slowest} == took
    largest = [shown.no for _size, shown in found.largest if not shown.of_request]
    assert sorted(largest) == [one["no"] for one in records if one["response"]["body"]["size"]]


@pytest.mark.parametrize("name", EVERY)
def test_connections_are_counted_as_streams_has_them(httptrace, name):
    records = httptrace("streams", name, "--format", "jsonl").records
    found = survey_of(name).connections
    assert found.count == len(records)
    assert found.applications == Counter(one["application"] for one in records)

    def both(field):
        return sum(one[f"client_{field}"] + one[f"server_{field}"] for one in records)

    assert found.retransmissions == both("retransmissions")
    assert found.late == both("out_of_order")
    assert (found.missing, found.missing_acked) == (both("missing_bytes"), both("missing_acked_bytes"))
    assert found.refused.total == sum(one["handshake"] == "refused" for one in records)
    assert found.round_trips.count == sum(one["rtt_ms"] is not None for one in records)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [60, 80, 120, 200])
@pytest.mark.parametrize("name", ["first-page.pcap", "lost-segment.pcap", "refused.pcap", "multipart-upload.pcap"])
def test_no_line_is_wider_than_asked_for_but_commands(httptrace, name, columns, language):
    result = httptrace("summary", name, "--lang", language, columns=columns)
    assert result.status == 0
    lines = [line for line in result.lines if not line.startswith("httptrace ")]
    assert max(map(cell_width, lines)) <= columns


def test_the_page_of_a_real_capture(httptrace):
    result = httptrace("summary", "real-nginx-curl.pcap")
    assert "24 packets · 1 connection · 5 exchanges · " in "\n".join(result.lines[:2])
    assert section(result, "Requests and responses")[:4] == [
        "Methods       GET 4 · HEAD 1",
        "Versions      HTTP/1.1 5",
        "Status        2xx 3 · 3xx 1 · 4xx 1",
        "              200 OK 3 · 304 Not Modified 1 · 404 Not Found 1",
    ]
    assert section(result, "Hosts") == [
        "Exchanges    4xx Received   Host",
        "        5      1   5.7 kB   192.0.2.80",
    ]
    assert section(result, "Largest bodies")[0] == "     No     Size Unpacked Status   Request"
    assert "No retransmission, nothing out of order, no byte missing." in section(result, "On the way")


def test_numbers_of_slow_and_large_exchanges_are_those_of_show(httptrace, tmp_path):
    slow = conversation(
        get("/quick"), ok(b"x" * 5000), get("/slow"), ok(b"y"), client=("192.0.2.7", 7000), rtt_ns=900_000_000
    )
    upload = conversation(post("/up", b"z" * 9000), ok(b"w"), client=("192.0.2.8", 8000))
    result = httptrace("summary", together(slow, upload).save(tmp_path / "two.pcap"), "--top", "1")
    records = httptrace("list", tmp_path / "two.pcap", "--format", "jsonl").records
    numbers = {one["request"]["target"]: one["no"] for one in records}
    assert re.match(rf" +{numbers['/quick']} .*GET a.example/quick", section(result, "Slowest")[1])
    assert re.match(rf" +{numbers['/up']} sent +9.0 kB .*POST a.example/up", section(result, "Largest")[1])
    assert len(section(result, "Slowest")) == 2


@pytest.mark.parametrize("name", EVERY)
def test_the_commands_at_the_end_work(httptrace, name):
    result = httptrace("summary", name)
    commands = [line for line in section(result, "To go deeper") if line.startswith("httptrace ")]
    assert commands
    for command in commands:
        words = shlex.split(command.partition("  ")[0])[1:]
        assert httptrace(*words).status == 0, command


def test_the_number_of_rows_is_bounded(httptrace, tmp_path):
    turns = [turn for number in range(30) for turn in (get(f"/{number}", host=f"h{number}.example"), ok(b"x"))]
    capture = conversation(*turns).save(tmp_path / "many.pcap")
    result = httptrace("summary", capture, "--top", "3")
    assert len(section(result, "Hosts: 3 of 30")) == 4
    assert len(section(result, "Slowest")) == len(section(result, "Largest")) == 4


@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1.5", "²"])
def test_a_top_that_is_no_number(httptrace, value):
    result = httptrace("summary", "first-page.pcap", f"--top={value}")
    assert result.status == 2
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("name", ["real-nginx-curl.pcap", "lost-segment.pcap", "refused.pcap"])
def test_colour_adds_nothing_but_colour(httptrace, name):
    plain = httptrace("summary", name, columns=80).text
    httptrace.as_terminal()
    coloured = httptrace("summary", name).text
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


# ---------------------------------------------------------------------- filters


def test_a_filter_counts_what_it_lets_through_and_says_so(httptrace):
    result = httptrace("summary", "real-nginx-curl.pcap", "--status", "404")
    assert "Filtered: what follows is about 1 of 5 exchanges." in result.text
    assert "5 exchanges" in "\n".join(result.lines[:2])
    assert section(result, "Requests and responses")[0] == "Methods       GET 1"
    assert not any(line.startswith("── On the way") for line in result.lines)


def test_a_filter_that_lets_nothing_through(httptrace):
    result = httptrace("summary", "real-nginx-curl.pcap", "--host", "nowhere.example")
    assert "No exchange matches the filter; the capture has 5." in result.text
    assert "No HTTP was found" not in result.text
    assert result.status == 0


# ---------------------------------------------------------------------- hostile and broken


def test_what_comes_off_the_wire_never_steers_the_terminal(httptrace, tmp_path):
    evil = b"GET /\x1b]0;x\x07 HTTP/1.1\r\nHost: \x1b[31mred\x9b\r\n\r\n"
    answer = ok(b"x", content_type="text/\x1b[2Jhtml")
    capture = conversation(evil, answer, get("/"), ok(b"y")).save(tmp_path / "evil.pcap")
    text = httptrace("summary", capture).text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert r"\x1b[31mred" in text
    assert r"text/\x1b[2jhtml" in text


def test_a_damaged_capture_is_counted_up_to_there(httptrace, tmp_path):
    whole = (CAPTURES / "first-page.pcap").read_bytes()
    (tmp_path / "cut.pcap").write_bytes(whole[:-100])
    result = httptrace("summary", tmp_path / "cut.pcap")
    assert result.status == 1
    assert any(line.startswith("Damaged ") for line in result.lines)
    assert "17 packets" in result.text
    assert "at byte" in result.err


def test_files_that_overlap_say_how_many_packets_were_dropped(httptrace):
    result = httptrace("summary", "first-page.pcap", "first-page.pcap")
    assert "2 files read as one, by time; 19 packets that another file holds" in result.text
    assert "19 packets · 1 connection · 2 exchanges" in result.text


def test_a_large_silence_makes_no_rate(httptrace, tmp_path):
    day = 86_400_000_000_000
    start = 1_700_000_000_000_000_000
    one = conversation(get("/1"), ok(b""), client=("192.0.2.1", 1000), start_ns=start)
    two = conversation(get("/2"), ok(b""), client=("192.0.2.2", 2000), start_ns=start + 3 * day)
    text = httptrace("summary", together(one, two).save(tmp_path / "two.pcap")).text
    assert "of it passed without a packet, up to packet 10: captures put together?" in " ".join(text.split())
    assert "packets/s" not in text


def test_missing_bytes_say_who_lost_them(httptrace, tmp_path):
    capture = conversation(get("/"), [ok(b"x" * 3000)[:1000], lost(ok(b"x" * 3000)[1000:2000]), ok(b"x" * 3000)[2000:]])
    result = httptrace("summary", capture.save(tmp_path / "hole.pcap"))
    way = " ".join(" ".join(section(result, "On the way")).split())
    assert "Missing 1,000 bytes of payload in 1 connection 1,000 bytes were confirmed by their receivers" in way
    assert "tcpdump -B" in way
    notes = section(result, "Notes")
    assert notes[0] == "content-gap  in 1 exchange: 1"
    assert notes[1] == "    bytes inside the message were never captured"
