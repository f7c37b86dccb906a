"""The file: nothing of the capture can run or leave its place, nothing is fetched, and the policy says so."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from httptrace.outputs.report import bounds
from httptrace.outputs.report.page import SCRIPTS
from tests.build import Capture, chunked, conversation, get, head, ok, post, together
from tests.outputs.report.made import CAPTURES, EVILS, ROOT, Report, make, of

FOLDER = ROOT / "httptrace" / "outputs" / "report"


def latin(text: str) -> str:
    """Text as its UTF-8 octets go over the wire."""
    return text.encode("utf-8").decode("latin-1")


def hostile() -> Capture:
    """Every evil in every place: target, method, field name, value, reason, type, body, file name, trailer."""
    talks = []
    for number, evil in enumerate(EVILS):
        evil = latin(evil)
        word = evil.replace(" ", "")
        fields = {"X-Evil": evil, "Referer": evil, "Host": evil, "Cookie": evil}
        form = f'--b\r\nContent-Disposition: form-data; name="{evil}"; filename="{evil}"\r\n\r\n{evil}\r\n--b--\r\n'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg"><script>window.ran=7</script>{evil}</svg>'
        talks.append(
            conversation(
                get(f"/{word}", **fields),
                ok(evil, f"200 {evil}", content_type=evil),
                post("/form", form, content_type="multipart/form-data; boundary=b"),
                ok(svg, content_type="image/svg+xml"),
                get("/page"),
                ok(f"<html>{evil}</html>", content_type=f"text/html; charset={word}", content_encoding=word),
                get(f"/json?{word}"),
                ok(json.dumps({evil: [evil]}), content_type="application/json"),
                get("/chunks"),
                head(transfer_encoding="chunked") + chunked(evil, trailers=f"X: {evil}\r\n"),
                get("/png"),
                ok(svg, content_type="image/png"),
                client=("192.0.2.1", 40000 + number),
            )
        )
    return together(*talks)


class Outline(HTMLParser):
    """The elements of a page with their attributes, and what stands in scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def outline(report: Report) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(report.text)
    parser.close()
    return parser.elements


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("evil")
    return make(hostile().save(folder / "<img src=x>{{ 7*7 }}.pcap"), folder)


def test_a_hostile_capture_adds_no_element(evil: Report) -> None:
    calm = of(ROOT / "captures" / "first-page.pcap")
    blocks = len(evil.blocks) - len(calm.blocks)
    kinds = {tag for tag, _attributes in outline(evil)}
    assert kinds == {tag for tag, _attributes in outline(calm)}
    scripts = [sum(tag == "script" for tag, _ in outline(one)) for one in (evil, calm)]
    assert scripts[0] - scripts[1] == blocks
    assert not any(name.startswith("on") for _tag, attributes in outline(evil) for name in attributes)
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", evil.text)[0]


def test_what_was_sent_is_there_as_it_was(evil: Report) -> None:
    assert len(evil.core["rows"]) == 6 * len(EVILS)
    said = json.dumps(evil.details, ensure_ascii=False)
    for one in EVILS[:8]:
        assert json.dumps(one)[1:-1] in said


def test_a_block_of_data_cannot_end_early(evil: Report) -> None:
    data = re.findall(r'<script type="application/json" id="[a-z0-9-]+">(.*)</script>\n', evil.text)
    assert len(data) == len(evil.blocks)
    for block in data:
        assert not re.search("[<>&\u2028\u2029]", block)


def test_a_svg_is_a_text_whatever_it_calls_itself(evil: Report) -> None:
    bodies = [one["response"].get("body") for one in evil.details.values()]
    assert all("picture" not in body for body in bodies if body)
    assert sum("<svg" in json.dumps(body) for body in bodies if body) >= 2 * len(EVILS)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_a_picture_is_shown_by_what_it_is(capture: Path) -> None:
    for detail in of(capture).details.values():
        body = (detail["response"] or {}).get("body") or {}
        if "picture" in body:
            assert body["picture"]["type"] in ("image/png", "image/jpeg", "image/gif", "image/webp")


def test_the_policy_allows_this_script_and_this_style_alone(evil: Report) -> None:
    policies = [attributes["content"] for tag, attributes in outline(evil) if "http-equiv" in attributes]
    assert len(policies) == 1
    allowed = dict(part.split(" ", 1) for part in (policies[0] or "").split("; "))
    assert allowed.pop("default-src") == "'none'"
    for name, pattern in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        (text,) = re.findall(pattern, evil.text, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert allowed.pop(name) == f"'sha256-{digest}'"
    assert allowed == {
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    place = evil.text.index("http-equiv")
    assert place < evil.text.index("<style>") < evil.text.index("<script")


def test_nothing_is_fetched(evil: Report) -> None:
    for tag, attributes in outline(evil):
        assert not {"src", "srcset", "action", "data", "poster", "style"} & attributes.keys(), tag
        assert attributes.get("href", "#").startswith("#")
    for path in sorted(FOLDER.glob("js/*.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(
            r"\b(?:fetch|import|XMLHttpRequest|WebSocket|sendBeacon|EventSource|Worker)\b\s*\(", text
        ), path
        assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(", text), path
    assert "url(" not in (FOLDER / "report.css").read_text(encoding="utf-8")


def test_the_script_is_in_short_files_that_are_all_used() -> None:
    files = {path.stem: path for path in FOLDER.glob("js/*.js")}
    assert set(files) == set(SCRIPTS)
    for path in files.values():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400
        assert "</script" not in text
        assert "<!--" not in text.replace("(<!--[", "")


def test_columns_are_named_as_they_are_written(evil: Report) -> None:
    script = (FOLDER / "js" / "data.js").read_text(encoding="utf-8")
    for name, row in (
        ("ROW", evil.core["rows"][0]),
        ("CONNECTION", evil.core["connections"][0]),
        ("PACKET", evil.ladders[0]["packets"][0]),
    ):
        (columns,) = re.findall(rf"const {name} = \{{(.*?)\}};", script, re.DOTALL)
        assert [int(number) for number in re.findall(r": (\d+)", columns)] == list(range(len(row)))


def test_readers_without_scripts_see_the_first_rows(evil: Report) -> None:
    (plain,) = re.findall(r"<noscript>(.*?)</noscript>", evil.text, re.DOTALL)
    assert plain.count("<tr>") == 1 + min(bounds.PLAIN_ROWS, len(evil.core["rows"]))
    assert "&lt;script&gt;" in plain
    assert "<script" not in plain
