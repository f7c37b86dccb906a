"""Reports for tests: made by the command itself, and read back out of the page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from httptrace.cli.main import main

ROOT = Path(__file__).parent.parent.parent.parent
CAPTURES = sorted((ROOT / "captures").glob("*.pcap*"))

_BLOCK = re.compile(r'<script type="application/json" id="([a-z0-9-]+)">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Report:
    """A page: its markup without the data, and the data by the names of its blocks."""

    text: str
    shell: str
    blocks: dict[str, Any]

    @property
    def core(self) -> dict[str, Any]:
        return self.blocks["data-core"]  # type: ignore[no-any-return]

    def _all(self, name: str) -> dict[int, Any]:
        chunks = [self.blocks[f"{name}-{number}"] for number in range(len(self.core[name]))]
        return {
            key: one
            for keys, chunk in zip(self.core[name], chunks, strict=True)
            for key, one in zip(keys, chunk, strict=True)
        }

    @property
    def details(self) -> dict[int, Any]:
        """Exchanges by number, header fields written out."""
        found = self._all("details")
        for one in found.values():
            for message in filter(None, (one["request"], one["response"], *one["informational"])):
                message["headers"] = [self.core["fields"][f] if isinstance(f, int) else f for f in message["headers"]]
        return found

    @property
    def ladders(self) -> dict[int, Any]:
        return self._all("ladders")


def read(path: Path) -> Report:
    """A report from its file."""
    text = path.read_text(encoding="utf-8")
    return Report(text, _BLOCK.sub("", text), {name: json.loads(data) for name, data in _BLOCK.findall(text)})


@cache
def of(capture: Path) -> Report:
    """The report of one of the project's captures, made once."""
    with TemporaryDirectory() as folder:
        return make(capture, Path(folder))


def make(capture: Path, folder: Path, *arguments: str) -> Report:
    """The report that the command makes of a capture."""
    output = folder / f"{capture.stem}.html"
    assert main(["report", str(capture), "-o", str(output), "--force", "--lang", "en", *arguments]) in (0, 1)
    return read(output)


#: What tries to run, or to look like our own markup, in whichever field it comes.
EVILS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=2</script>",
    '"><img src=x onerror=window.ran=3>',
    "<!--<script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.ran=4",
    "' onmouseover='window.ran=5",
    "<svg onload=window.ran=6>",
    "&lt;script&gt;&#x3c;",
    "]]>\u2028\u2029",
    "__proto__",
    "</style><style>*{display:none}</style>",
)
