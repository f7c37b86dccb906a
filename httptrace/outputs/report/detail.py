"""One exchange as the page shows it: both heads, both bodies as what they are, the bytes as sent, the notes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from httptrace.lang import LANGUAGES, speaking
from httptrace.model import Body, Exchange, Field, Message, Note, Request, Response
from httptrace.outputs import binary
from httptrace.outputs.bodies import Kind, describe, recognise
from httptrace.outputs.exchange import note_text
from httptrace.outputs.report import bounds
from httptrace.outputs.report.embedding import embedded
from httptrace.outputs.safe import legible, safe
from httptrace.outputs.sections import HexDump, Section, Summary, Table, Text

#: Pictures that every browser draws and that hold nothing but pixels, by the name of their format. What a picture is,
#: its first bytes say, never its header field: an SVG that calls itself image/png stays a text.
RASTER = {"PNG": "image/png", "GIF": "image/gif", "JPEG": "image/jpeg", "WebP": "image/webp"}

#: Bytes that tell the format of a picture.
_SIGN = 16

#: The beginning of a longer body is not worth showing below this.
_LEAST = 256


class Budget:
    """Octets that one kind of thing may take in the report, shared so that large ones leave room for many."""

    __slots__ = ("left",)

    def __init__(self, octets: int) -> None:
        self.left = octets

    def share(self, most: int, part: int = bounds.SHARE) -> int:
        """What one thing may take: no more than this part of what is left."""
        return min(most, self.left // part)

    def spend(self, octets: int) -> bool:
        """Take so much, if it is there."""
        if octets > self.left:
            return False
        self.left -= octets
        return True


class KeptBody:
    """The beginning of a decoded body, as it passes; `room` is shared by all bodies being read."""

    __slots__ = ("_room", "content", "total")

    def __init__(self, room: Budget) -> None:
        self.content = bytearray()
        self.total = 0
        self._room = room

    def write(self, data: bytes) -> None:
        """The next octets."""
        self.total += len(data)
        content = self.content
        most = bounds.BODY
        if len(content) >= most or len(content) + len(data) > most:
            most = bounds.PICTURE if raster(bytes(content[:_SIGN]) or data) else most
        piece = data[: max(0, most - len(content))]
        if piece and self._room.spend(len(piece)):
            content += piece

    def let_go(self) -> None:
        """The room is free for others."""
        self._room.left += len(self.content)
        self.content = bytearray()


def raster(content: bytes) -> str | None:
    """The media type of a picture that may be shown as one, or None."""
    return RASTER.get(binary.format_name(content[:_SIGN]) or "")


class Pairs:
    """Header fields that come again and again stand in the report once; a message names them by their number."""

    __slots__ = ("_numbers", "table")

    def __init__(self) -> None:
        self.table: list[list[str]] = []
        self._numbers: dict[tuple[str, str], int | None] = {}

    def __call__(self, name: str, value: str) -> int | list[str]:
        """The number of a field that was seen before, else the field."""
        pair = (name, value)
        if pair not in self._numbers:
            if len(self._numbers) < bounds.PAIRS:
                self._numbers[pair] = None
            return [name, value]
        number = self._numbers[pair]
        if number is None:
            number = self._numbers[pair] = len(self.table)
            self.table.append([name, value])
        return number


class Details:
    """Makes the details of exchanges, within the budgets of heads, bodies and bytes as sent."""

    def __init__(self) -> None:
        self.heads = Budget(bounds.HEADS_BYTES)
        self.bodies = Budget(bounds.BODIES_BYTES)
        self.wire = Budget(bounds.WIRE_BYTES)
        self.pairs = Pairs()

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """All but bodies and bytes, which :meth:`body` and :meth:`sent` add to `request` and `response`."""
        tls = exchange.tls
        return {
            "no": exchange.no,
            "stream": exchange.stream,
            "client": str(exchange.client),
            "server": str(exchange.server),
            "protocol": safe(exchange.protocol),
            "tls": None if tls is None else [clean(text) for text in (tls.version, tls.cipher, tls.sni) if text],
            "request": None if exchange.request is None else self._request(exchange.request),
            "response": None if exchange.response is None else self._response(exchange.response),
            "informational": [self._response(one) for one in exchange.informational[: bounds.FIELDS]],
            "notes": [note(one) for one in exchange.notes[: bounds.FIELDS]],
        }

    def _request(self, request: Request) -> dict[str, Any]:
        version = "" if request.version == "HTTP/0.9" else request.version
        line = f"{clean(request.method)} {clean(request.target)} {clean(version)}".rstrip()
        url = None if request.url is None or request.url == request.target else clean(request.url)
        return {**self._message(request), "line": line, "method": clean(request.method, 40), **_present(url=url)}

    def _response(self, response: Response) -> dict[str, Any]:
        line = ""
        if response.status is not None:
            line = f"{clean(response.version)} {response.status} {clean(response.reason or '')}".rstrip()
        return {**self._message(response), "line": line, **_present(status=response.status)}

    def _message(self, message: Message) -> dict[str, Any]:
        """What has its usual value (false, zero, nothing) is left out; data.js puts it back."""
        body = message.body
        return {
            "headers": self._fields(message.headers),
            "head": message.header_size,
            "first": message.first_packet,
            "last": message.last_packet,
            **_present(
                version="" if message.version == "HTTP/1.1" else clean(message.version, 40),
                more=max(0, len(message.headers) - bounds.FIELDS),
                trailers=self._fields(message.trailers),
                incomplete=not message.complete,
                framing="" if body.framing == "none" else body.framing,
                declared=None if body.declared == body.size else body.declared,
                chunks=body.chunks,
                size=body.size,
                decoded=body.decoded_size,
                encoding=None if body.encoding is None else clean(body.encoding, 200),
                sha256=body.sha256,
            ),
        }

    def _fields(self, fields: list[Field]) -> list[int | list[str]]:
        return [self.pairs(clean(name, 400), clean(value)) for name, value in fields[: bounds.FIELDS]]

    def body(self, body: Body, kept: KeptBody | None) -> dict[str, Any] | None:
        """The body's content as what it is, or None where nothing of it is kept."""
        if kept is None or not kept.content:
            return None
        picture = self._picture(kept)
        if picture is not None:
            return picture
        most = self.bodies.share(bounds.BODY)
        content = bytes(kept.content[:most])
        if most < _LEAST < len(kept.content):
            return None
        described = _described(content, body, kept.total, 3 * most)
        described["kept"] = len(content)
        described["total"] = kept.total
        self.bodies.left -= min(self.bodies.left, len(embedded(described)))
        return described

    def _picture(self, kept: KeptBody) -> dict[str, Any] | None:
        content = bytes(kept.content)
        media_type = raster(content)
        if (
            media_type is None
            or len(content) != kept.total
            or len(content) > self.bodies.share(bounds.PICTURE, bounds.PICTURES_SHARE)
        ):
            return None
        size = binary.dimensions(content)
        if size is None or not 0 < size[0] * size[1] <= bounds.PIXELS:
            return None
        encoded = b64encode(content).decode("ascii")
        self.bodies.left -= min(self.bodies.left, len(encoded))
        return {
            "picture": {"type": media_type, "data": encoded, "width": size[0], "height": size[1]},
            "sections": [],
            "kept": len(content),
            "total": kept.total,
        }

    def sent(self, pieces: list[tuple[int, bytes]], start: int) -> dict[str, Any] | None:
        """The message's bytes as they were sent, in base64, each piece with its place in the message."""
        first = b"".join(data for _at, data in pieces[:4])
        head, _, behind = first.partition(b"\r\n\r\n")
        text = not behind or recognise(behind, None) is not Kind.BINARY
        most = self.wire.share(bounds.WIRE if text else len(head) + bounds.WIRE_BINARY)
        found: list[list[Any]] = []
        for at, data in pieces:
            place = at - start
            if place >= most:
                break
            kept = data[: most - place]
            if found and found[-1][0] + len(found[-1][1]) == place:
                found[-1][1] += kept
            else:
                found.append([place, bytearray(kept)])
        if not found:
            return None
        encoded = [[place, b64encode(data).decode("ascii")] for place, data in found]
        self.wire.left -= min(self.wire.left, sum(len(data) for _place, data in encoded))
        return {"pieces": encoded, "text": text}


def clean(text: str, most: int = bounds.TEXT) -> str:
    """Text off the wire, every control and invisible character visible, of bounded length."""
    return legible(text, most)


def note(one: Note) -> list[Any]:
    """A note: its code, its packet, its text in each language."""
    texts = []
    for language in LANGUAGES:
        with speaking(language):
            texts.append(clean(note_text(one), bounds.NOTE))
    return [one.code, one.packet, *texts]


def _present(**values: object) -> dict[str, object]:
    """Those that say something; a declared length of 0 does."""
    return {name: value for name, value in values.items() if value or (name == "declared" and value is not None)}


def _described(content: bytes, body: Body, total: int, most: int) -> dict[str, Any]:
    """The sections that describe a body; those with words of ours in each language."""
    described: list[list[Section]] = []
    for language in LANGUAGES:
        with speaking(language):
            described.append(describe(content, body.content_type, total, body.sha256))
        if all(isinstance(section, Text | HexDump) for section in described[0]):
            described *= len(LANGUAGES)
            break
    cut = False
    sections: list[dict[str, Any]] = []
    for versions in zip(*described, strict=True):
        section = versions[0]
        match section:
            case Text(language=language, text=text):
                cut = cut or len(text) > most
                sections.append({"text": text[:most], "language": language})
            case Table(rows=rows):
                columns = [version.columns for version in versions if isinstance(version, Table)]
                sections.append({"columns": columns, "rows": rows})
            case Summary():
                sections.append({"pairs": [version.pairs for version in versions if isinstance(version, Summary)]})
            case HexDump(lines=lines):
                sections.append({"hex": lines})
    return {"sections": sections, "cut": cut}
