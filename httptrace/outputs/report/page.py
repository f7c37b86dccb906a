"""The report as one HTML file that needs nothing else: styles, script and data stand in it, and nothing is fetched.

What comes from a capture is data and stays data. It stands in JSON blocks, where no character can end the block, and
becomes text nodes; the few values in the markup itself go through jinja2's escaping. The page's policy (CSP) allows
one script and one style, by their hashes, pictures from data: URLs and nothing else, so that even a mistake of ours
could neither run nor fetch anything.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from httptrace.lang import LANGUAGES, _, current, ngettext, speaking
from httptrace.model import ANALYSIS
from httptrace.outputs.amounts import iso
from httptrace.outputs.report import bounds, ladder, texts
from httptrace.outputs.report.embedding import embedded
from httptrace.outputs.report.gather import Gathering
from httptrace.outputs.safe import safe
from httptrace.outputs.survey.leftovers import REASONS

#: The script's parts, in the order in which they build on each other.
SCRIPTS = (
    "data",
    "words",
    "dom",
    "tip",
    "colours",
    "table",
    "ladder",
    "stepper",
    "bytes",
    "detail",
    "overview",
    "main",
)

#: Octets of JSON that are parsed at once when something in them is needed.
_CHUNK = 192 * 1024


@dataclass(frozen=True, slots=True)
class Captured:
    """What is known of the capture as a whole. `file`: its name, `named`: as a shell takes it in a command."""

    file: str
    named: str
    packets: int
    tcp_packets: int
    skipped: dict[str, int]
    connections: int
    exchanges: int
    started_ns: int


def page(found: Gathering, captured: Captured) -> Iterator[bytes]:
    """The file, piece by piece. The language of the moment is the first to be shown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    found.rows.sort(key=lambda row: row[0])
    found.details.sort(key=lambda one: one[0])
    found.connections.sort(key=lambda one: one[0])
    found.ladders.sort(key=lambda one: one[0])
    found.notes.sort(key=lambda note: (note[0], note[2]))
    found.plain.sort(key=lambda row: row[0])
    details, ladders = list(_chunks(found.details)), list(_chunks(found.ladders))
    style, script = _style(), _script()
    environment = Environment(
        loader=PackageLoader("httptrace.outputs.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = texts.words()
    shell = environment.get_template("report.html.j2").render(
        language="zh-Hans" if current() == "zh" else current(),
        policy=policy(style, script),
        style=Markup(style),  # ours, and the policy holds it to its hash
        script=Markup(script),
        word=lambda key: spoken[key],
        file=safe(captured.file),
        facts=_facts(captured),
        rows=[row for _no, row in found.plain],
        rows_left=len(found.rows) - len(found.plain),
        data="\0",
    )
    before, after = shell.encode("utf-8").split(b"\0")
    yield before
    yield _block("data-core", _core(found, captured, details, ladders))
    for name, chunks in (("details", details), ("ladders", ladders)):
        for number, (_keys, chunk) in enumerate(chunks):
            yield _block(f"{name}-{number}", b"[" + b",".join(chunk) + b"]")
    yield after


def policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: nothing but its own style and script, and pictures that stand in it."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


def _style() -> str:
    return "\n" + files(__package__).joinpath("report.css").read_text(encoding="utf-8")


def _script() -> str:
    folder = files(__package__).joinpath("js")
    parts = [folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '\n(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def _block(name: str, data: bytes) -> bytes:
    """A block of JSON that was embedded already."""
    return b'<script type="application/json" id="%s">%s</script>\n' % (name.encode("ascii"), data)


def _chunks(things: Iterable[tuple[int, bytes]]) -> Iterator[tuple[list[int], list[bytes]]]:
    """The things in chunks that are parsed one at a time: their keys, their JSON."""
    keys: list[int] = []
    chunk: list[bytes] = []
    octets = 0
    for key, data in things:
        if chunk and octets + len(data) > _CHUNK:
            yield keys, chunk
            keys, chunk, octets = [], [], 0
        keys.append(key)
        chunk.append(data)
        octets += len(data)
    if chunk:
        yield keys, chunk


def _core(
    found: Gathering,
    captured: Captured,
    details: list[tuple[list[int], list[bytes]]],
    ladders: list[tuple[list[int], list[bytes]]],
) -> bytes:
    """What the page needs from its start on: rows and connections, words, what explains them, and where the rest is."""
    spoken, said, silence, facts = [], [], [], []
    for language in LANGUAGES:
        with speaking(language):
            spoken.append(texts.words())
            facts.append(_facts(captured))
            said.append(list(_left_out(found, captured)))
            silence.append([] if found.rows else list(_silence(found, captured)))
    explained = texts.terms({**found.terms, "analysis": ANALYSIS, "note": {note[1] for note in found.notes}})
    core: dict[str, Any] = {
        "file": safe(captured.file),
        "facts": facts,
        "languages": LANGUAGES,
        "language": current(),
        "words": spoken,
        "terms": explained,
        "states": ladder.STATES,
        "analysis": ANALYSIS,
        "fields": found.fields,
        "notes": found.notes,
        "statistics": found.statistics.numbers(),
        "capture": {"packets": captured.packets, "tcp": captured.tcp_packets, "started": iso(captured.started_ns)},
        "bounds": {"said": said, "connectionsLeftOut": found.connections_left_out},
        "silence": silence,
        "details": [keys for keys, _chunk in details],
        "ladders": [keys for keys, _chunk in ladders],
    }
    whole = embedded(core)
    rows = b",".join(row for _no, row in found.rows)
    connections = b",".join(row for _stream, row in found.connections)
    return whole[:-1] + b',"rows":[' + rows + b'],"connections":[' + connections + b"]}"


def _facts(captured: Captured) -> str:
    """One line about the capture."""
    parts = [
        ngettext("{count} packet", "{count} packets", captured.packets).format(count=f"{captured.packets:,}"),
        ngettext("{count} connection", "{count} connections", captured.connections).format(
            count=f"{captured.connections:,}"
        ),
        ngettext("{count} exchange", "{count} exchanges", captured.exchanges).format(count=f"{captured.exchanges:,}"),
        iso(captured.started_ns).partition(".")[0].replace("T", " ") + " UTC" if captured.started_ns else "",
    ]
    return " · ".join(filter(None, parts))


def _left_out(found: Gathering, captured: Captured) -> Iterator[str]:
    """What the bounds left out, each with its number and what to do."""
    file = captured.named
    if found.exchanges > len(found.rows) + found.rows_left_out:
        yield _("{count} of the {all} exchanges of the capture: the others are not what the filter asked for.").format(
            count=f"{len(found.rows) + found.rows_left_out:,}", all=f"{found.exchanges:,}"
        )
    if found.rows_left_out:
        yield _(
            "{count} exchanges have no row: the table holds {most}. Choose with --host, --status, --since …"
        ).format(count=f"{found.rows_left_out:,}", most=f"{len(found.rows):,}")
    without = len(found.rows) - len(found.details)
    if without:
        yield ngettext(
            "{count} exchange has a row and no heads and bodies, to keep the report small: httptrace show {file} NO",
            "{count} exchanges have a row and no heads and bodies, to keep the report small: httptrace show {file} NO",
            without,
        ).format(count=f"{without:,}", file=file)
    if found.ladders_left_out:
        yield ngettext(
            "{count} connection has no ladder here: httptrace report {file} --stream N makes one of its own",
            "{count} connections have no ladder here: httptrace report {file} --stream N makes one of its own",
            found.ladders_left_out,
        ).format(count=f"{found.ladders_left_out:,}", file=file)
    if found.ladders_cut:
        yield ngettext(
            "{count} connection shows its first packets only: httptrace report {file} --stream N has room for more",
            "{count} connections show their first packets only: httptrace report {file} --stream N has room for more",
            found.ladders_cut,
        ).format(count=f"{found.ladders_cut:,}", file=file)
    if found.ladders_untold:
        yield ngettext(
            "{count} connection shows its numbers and is not told in words: httptrace walk {file} --stream N",
            "{count} connections show their numbers and are not told in words: httptrace walk {file} --stream N",
            found.ladders_untold,
        ).format(count=f"{found.ladders_untold:,}", file=file)
    if len(found.notes) >= bounds.NOTES:
        yield _("The first {count} notes are listed.").format(count=f"{bounds.NOTES:,}")
    yield _(
        "A body is cut at {kept} kB and a message as sent at {sent} kB; pictures show whole up to {picture} kB."
    ).format(kept=bounds.BODY // 1024, sent=bounds.WIRE // 1024, picture=bounds.PICTURE // 1024)


def _silence(found: Gathering, captured: Captured) -> Iterator[str]:
    """What was there instead of HTTP."""
    if found.exchanges:
        yield _("None of the {count} exchanges is what the filter asked for.").format(count=f"{found.exchanges:,}")
        return
    if captured.connections:
        said = ngettext(
            "{count} TCP connection, which does not speak HTTP/1.",
            "{count} TCP connections, none of which speaks HTTP/1.",
            captured.connections,
        )
        yield said.format(count=f"{captured.connections:,}")
    else:
        yield _("There is no TCP connection in this capture.")
    spoken = dict(found.statistics.numbers()["spoken"])
    if spoken.get("tls"):
        yield _(
            "Capture where the same requests travel in the clear: behind the proxy or load balancer that ends TLS, or"
            " on the server between it and the application (often on the loopback: tcpdump -i lo)."
        )
    if captured.skipped:
        reasons = sorted(captured.skipped.items(), key=lambda one: -one[1])
        listed = ", ".join(f"{_(REASONS.get(reason, reason))} ({count:,})" for reason, count in reasons)
        yield _("Packets without TCP: {reasons}").format(reasons=listed)
    yield _("More about it: httptrace summary {file}").format(file=captured.named)
