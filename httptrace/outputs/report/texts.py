"""The words of the page, by the keys that its script and template use; every language has all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from httptrace.lang import LANGUAGES, _, ngettext, pgettext, speaking
from httptrace.teach.reference import lookup
from httptrace.teach.states import State

#: What the page may have to explain whatever the capture holds.
_FLAGS = ("SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR")


def words() -> dict[str, Any]:
    """Every word in the current language; a pair where the number decides."""
    return {**_panes(), **_table(), **_ladder(), **_detail(), **_bytes(), **_overview(), **_help()}


def _two(form: Callable[[int], str]) -> list[str]:
    return [form(1), form(2)]


def _panes() -> dict[str, Any]:
    return {
        "title": _("{file} · httptrace report"),
        "skip": _("To the table of exchanges"),
        "theme": _("Light or dark"),
        "theme.auto": _("Colours as the system has them"),
        "theme.light": _("Light colours"),
        "theme.dark": _("Dark colours"),
        "help": _("Help"),
        "close.dialog": _("Close"),
        "lists": _("Lists"),
        "tab.exchanges": _("Exchanges"),
        "tab.connections": _("Connections"),
        "tab.notes": _("Notes"),
        "tab.statistics": _("Statistics"),
        "ladder": _("Ladder"),
        "detail": _("Exchange"),
        "noscript": _(
            "This page's script does not run here, so only the first exchanges are listed. Open the file in a browser"
            " to step through the packets."
        ),
    }


def _table() -> dict[str, Any]:
    return {
        "filter": _("Filter"),
        "filter.hint": _("words, status:4xx, type:json, method:post, slower:500ms, note:any, stream:0, -not"),
        "exchanges": _two(lambda n: ngettext("{count} exchange", "{count} exchanges", n)),
        "someExchanges": _two(lambda n: ngettext("{count} of {all} exchanges", "{count} of {all} exchanges", n)),
        "nothing": pgettext("cell", "none"),
        "nothingFound": _("No exchange is what the filter asks for."),
        "column.no": _("No"),
        "column.method": _("Method"),
        "column.url": "URL",
        "column.status": _("Status"),
        "column.type": _("Type"),
        "column.size": _("Size"),
        "column.took": _("Took"),
        "column.start": _("Waterfall"),
        "sortedUp": _("sorted by {column}, rising"),
        "sortedDown": _("sorted by {column}, falling"),
        "noRequest": _("(the request is not in the capture)"),
        "phase.connect": _("connect"),
        "phase.tls": "TLS",
        "phase.send": _("send"),
        "phase.wait": _("wait"),
        "phase.receive": _("receive"),
        "phase.connect.what": _("from SYN to the ACK that opens the connection"),
        "phase.tls.what": _("the TLS handshake"),
        "phase.send.what": _("first to last byte of the request"),
        "phase.wait.what": _(
            "from the request's last byte to the answer's first: there and back, and the server's work"
        ),
        "phase.receive.what": _("first to last byte of the response"),
    }


def _ladder() -> dict[str, Any]:
    return {
        "streamTitle": _("stream {stream}"),
        "client": _("client"),
        "server": _("server"),
        "toFirst": _("First packet"),
        "back": _("One packet back"),
        "play": _("Play or pause"),
        "forward": _("One packet on"),
        "toLast": _("Last packet"),
        "pace": _("Pace"),
        "timed": _("drawn to time"),
        "place": _("packet {at} of {count}"),
        "nextNumber": _("next number"),
        "confirmed": _("confirmed up to"),
        "flying": _("in flight"),
        "window": _("own window"),
        "steps": _("Packets of the connection, in the order of the capture"),
        "noLadder": _("This connection's packets are not in the report; its bounds say why."),
        "noConnection": _("There is no TCP connection in this capture."),
        "packetSpoken": _("No{no}, {from} to {to}, {flags}, seq {seq}, ack {ack}, {length} bytes."),
        "bytes": _two(lambda n: ngettext("{count} byte", "{count} bytes", n)),
        "windowOf": _("window {count}"),
        "packetCut": _two(
            lambda n: ngettext(
                "The capture cut {count} byte off this packet (snap length).",
                "The capture cut {count} bytes off this packet (snap length).",
                n,
            )
        ),
        "offers": _("The SYN offers: {what}"),
        "option.mss": _("segments of at most {value} bytes (MSS)"),
        "option.scale": _("windows times {times} (window scale {value})"),
        "option.sack": _("selective acknowledgments (SACK)"),
        "option.timestamps": _("timestamps"),
        "carries": _("carries bytes {bytes} of the {what} of exchange {no}"),
        "carriesAgain": _("↻ repeats bytes {bytes} of the {what} of exchange {no}"),
        "kind.request": _("request"),
        "kind.response": _("response"),
        "kind.informational": _("interim response"),
        "morePackets": _two(
            lambda n: ngettext(
                "{count} more packet is not in the report.", "{count} more packets are not in the report.", n
            )
        ),
        "gapCapture": _two(
            lambda n: ngettext(
                "{count} byte of the {sender} ({bytes}) is missing: it arrived, the capture lost it",
                "{count} bytes of the {sender} ({bytes}) are missing: they arrived, the capture lost them",
                n,
            )
        ),
        "gapUnknown": _two(
            lambda n: ngettext(
                "{count} byte of the {sender} ({bytes}) is missing, never confirmed",
                "{count} bytes of the {sender} ({bytes}) are missing, never confirmed",
                n,
            )
        ),
    }


def _detail() -> dict[str, Any]:
    return {
        "exchangeTitle": _("exchange {no}"),
        "noExchange": _("No exchange is chosen."),
        "tab.headers": _("Headers"),
        "tab.body": _("Body"),
        "tab.bytes": _("Bytes ↔ packets"),
        "tab.timing": _("Timing, notes"),
        "request": _("Request"),
        "response": _("Response"),
        "interim": _("Interim response"),
        "requestBody": _("Body of the request"),
        "responseBody": _("Body of the response"),
        "notCaptured": _("not in the capture"),
        "bareBody": _("no status line: in HTTP/0.9 an answer is nothing but the body"),
        "noStatusLine": _("the status line is not in the capture"),
        "trailers": _("Trailer fields, sent behind the body"),
        "moreFields": _two(
            lambda n: ngettext("{count} more field is not shown.", "{count} more fields are not shown.", n)
        ),
        "noBody": _("no body"),
        "byLength": _("as Content-Length says"),
        "byChunks": _two(lambda n: ngettext("in {count} chunk", "in {count} chunks", n)),
        "byClose": _("until the server closed the connection"),
        "declared": _("Content-Length says {count}"),
        "coded": _("{coding}, unpacked {count} bytes"),
        "incomplete": _("not complete"),
        "bodyCut": _("The first {kept} of {total} bytes: longer bodies are cut, to keep the report small."),
        "bodyLeftOut": _("The body is not in the report, to keep it small; httptrace show FILE {no} has it."),
        "detailLeftOut": _("Only the row of this exchange is in the report; httptrace show FILE {no} has the rest."),
        "pictureOf": _("the picture that was sent: {type}, {width} × {height} pixels"),
        "timing": _("Timing"),
        "noTiming": _("Nothing is known of its timing."),
        "notes": _("Notes"),
        "noNotes": _("There is nothing to note."),
    }


def _bytes() -> dict[str, Any]:
    return {
        "bytesOf": _("The bytes of"),
        "bytesAsSent": _("The message as it was sent"),
        "bytesHow": _(
            "The message as it was sent; a tint ends where its packet ends. Point at a part or select some text: the"
            " ladder lights the packets that carried it."
        ),
        "noMap": _("Where this message lies in the packets is not in the report."),
        "noMapTls": _("The message was encrypted: its bytes are not those that the packets carried."),
        "bytesLeftOut": _("The bytes are not in the report, to keep it small."),
        "bytesCut": _("The first {kept} of {whole} bytes; the packets of the rest are listed below."),
        "bytesMissing": _two(
            lambda n: ngettext("{count} byte was never captured", "{count} bytes were never captured", n)
        ),
        "runSpoken": _("bytes {bytes}, carried by No{no}"),
        "bytesRange": _("bytes {bytes}"),
        "bytesFirst": _("bytes {bytes}"),
        "bytesAgain": _("↻ bytes {bytes} again"),
        "carriedBy": _("carried by {packets}"),
        "carriedByNone": _("carried by no packet of the capture"),
        "againBy": _("↻ again by {packets}"),
        "nothingChosen": _("No part is chosen."),
        "carriersTitle": _two(
            lambda n: ngettext("Carried by {count} packet", "Carried in {count} pieces, packet by packet", n)
        ),
        "moreCarriers": _("… and {count} more"),
    }


def _overview() -> dict[str, Any]:
    return {
        "head.stream": _("Stream"),
        "head.client": _("Client"),
        "head.server": _("Server"),
        "head.speaks": _("Speaks"),
        "head.exchanges": _("Exchanges"),
        "head.packets": _("Packets"),
        "head.sent": _("Sent"),
        "head.got": _("Got"),
        "head.rtt": "RTT",
        "head.again": _("Again"),
        "head.missing": _("Missing"),
        "head.closed": _("Closed"),
        "close.fin": _("by both (FIN)"),
        "close.half": _("by one side (FIN)"),
        "close.rst": _("reset (RST)"),
        "close.open": _("still open"),
        "close.refused": _("refused"),
        "moreConnections": _two(
            lambda n: ngettext("{count} more connection is not listed.", "{count} more connections are not listed.", n)
        ),
        "bounds": _("What this report leaves out"),
        "noHttp": _("No HTTP was found"),
        "allOfCode": _two(lambda n: ngettext("{count} exchange with it", "all {count} with it", n)),
        "others": pgettext("rest of a list", "others"),
        "inNumbers": _("The capture in numbers"),
        "statuses": _("Status codes"),
        "methods": _("Methods"),
        "types": _("Content types"),
        "hosts": _("Hosts asked for"),
        "spoken": _("What connections speak"),
        "ports": _("Ports of servers"),
        "slowest": _("The slowest"),
        "largest": _("The largest responses"),
        "fact.packets": _("packets"),
        "fact.tcpPackets": _("of them TCP"),
        "fact.connections": _("connections"),
        "fact.exchangesName": _("exchanges"),
        "fact.unanswered": _("without an answer"),
        "fact.lasted": _("from first to last packet"),
        "fact.median": _("half of them took at most"),
        "fact.slow": _("19 of 20 took at most"),
        "fact.requestBytes": _("bodies of requests"),
        "fact.responseBytes": _("bodies of responses"),
        "fact.again": _("retransmissions"),
        "fact.outOfOrder": _("out of order"),
        "fact.missing": _("bytes missing"),
        "fact.missingAcked": _("of them lost by the capture alone"),
    }


def _help() -> dict[str, Any]:
    return {
        "help.title": _("Keys"),
        "help.step": _("one packet back or on"),
        "help.rows": _("the next or previous row of the list that has the focus; Home, End, Page Up, Page Down too"),
        "help.filter": _("to the filter; Esc empties it"),
        "help.play": _("play or pause"),
        "help.exchange": _("next or previous exchange"),
        "help.language": _("English or Chinese"),
        "help.help": _("this help"),
        "help.words": _("Dotted words explain themselves: point at them, or reach them with Tab."),
        "help.wireshark": _(
            "No, seq, ack and stream are Wireshark's numbers, so that both windows can be open side by side."
        ),
    }


def terms(found: dict[str, Iterable[str]]) -> dict[str, dict[str, list[Any]]]:
    """What the reference says of the things that occur, by kind and name in lower case: a title and a text in each
    language, then the RFC."""
    asked: dict[str, Iterable[str]] = {
        **found,
        "flag": _FLAGS,
        "state": [state.value for state in State],
    }
    explained: dict[str, dict[str, list[Any]]] = {}
    for kind, names in asked.items():
        table = explained.setdefault(kind, {})
        for name in sorted(names):
            entry = lookup(kind, name)
            if entry is None:
                continue
            texts: list[Any] = []
            for language in LANGUAGES:
                with speaking(language):
                    text = " ".join(filter(None, (entry.text(), entry.next())))
                    texts.append([entry.title(), text])
            texts.append(", ".join(f"RFC {rfc}" for rfc in entry.rfc))
            table[name.lower()] = texts
    return explained
