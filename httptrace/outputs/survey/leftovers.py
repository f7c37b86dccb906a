"""The section about what was not HTTP, or not whole, and why, with what to do about it. Silence would be a bug."""

from __future__ import annotations

from httptrace.lang import N_, _, ngettext
from httptrace.outputs.survey.capture import CaptureFacts
from httptrace.outputs.survey.connections import Connections, Kind
from httptrace.outputs.survey.exchanges import Exchanges
from httptrace.outputs.survey.page import Page, counted, number, ports, row_of
from httptrace.outputs.survey.trouble import of_connections

#: Names and ports that a line tells apart.
_NAMES = 6

#: The decoder's reasons why a packet is no TCP, in the page's words.
REASONS = {
    "UDP": "UDP",
    "ICMP": "ICMP",
    "not IP": N_("not IP (ARP, LLDP, …)"),
    "other IP protocol": N_("other protocols over IP"),
    "encrypted below TCP": N_("encrypted below TCP (IPsec, Wi-Fi)"),
    "part of an incomplete datagram": N_("pieces of fragmented IP datagrams"),
    "damaged header": N_("damaged headers"),
    "cut before the end of the headers": N_("cut before the end of their headers"),
    "unknown link type": N_("of a link type that is not read"),
    "too many headers in headers": N_("too many headers in headers"),
}


def leftovers(page: Page, connections: Connections, found: Exchanges, facts: CaptureFacts) -> None:
    """What was not HTTP, or not whole; nothing where everything was."""
    kinds = connections.kinds
    unread = kinds[Kind.HTTP2] if not found.of_http2 else 0
    odd = [kind for kind in Kind if kind not in (Kind.HTTP, Kind.HTTP2) and kinds[kind]]
    if not (odd or unread or facts.cut or facts.skipped or connections.one_way_http):
        return
    page.heading(_("Not read, and why"))
    if kinds[Kind.TLS]:
        _tls(page, connections, facts)
    if unread:
        text = _("{connections} in the clear: recognised, but its exchanges are not read by this version")
        page.labelled("HTTP/2", text.format(connections=of_connections(unread)), "yellow")
    if kinds[Kind.OTHER]:
        _other(page, connections)
    _one_way(page, connections)
    _cut(page, connections, facts)
    _silent(page, connections, facts)
    _no_tcp(page, facts)


def _tls(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    count = connections.kinds[Kind.TLS]
    text = _("{connections}, encrypted: without the keys nothing inside can be read")
    page.labelled("TLS", text.format(connections=of_connections(count)), "yellow")
    if connections.tls_versions:
        page.more(_("Versions: {versions}").format(versions=counted(connections.tls_versions, _NAMES)))
    if connections.server_names:
        page.more(_("Servers asked for (SNI): {names}").format(names=counted(connections.server_names, _NAMES)))
    if connections.without_server_name:
        text = ngettext("{count} names no server.", "{count} name no server.", connections.without_server_name)
        page.more(text.format(count=number(connections.without_server_name)))
    if facts.secrets:
        page.more(_("The capture brings keys (Decryption Secrets Block); this version does not use them."))
    page.advice(
        _(
            "Capture where the same requests travel in the clear: behind the proxy or load balancer that ends TLS, or"
            " on the server between it and the application (often on the loopback: tcpdump -i lo)."
        )
    )


def _other(page: Page, connections: Connections) -> None:
    count = connections.kinds[Kind.OTHER]
    text = _("{connections} with bytes that are neither HTTP nor TLS: {ports}")
    page.labelled(
        _("Other"), text.format(connections=of_connections(count), ports=ports(connections.other_ports, _NAMES))
    )
    if connections.other_begun_before:
        text = ngettext(
            "{count} of them was open before the capture began. What a connection speaks shows at its start:"
            " begin the capture before it opens.",
            "{count} of them were open before the capture began. What a connection speaks shows at its start:"
            " begin the capture before they open.",
            connections.other_begun_before,
        )
        page.advice(text.format(count=number(connections.other_begun_before)))


def _one_way(page: Page, connections: Connections) -> None:
    count = connections.one_way_http + connections.kinds[Kind.ONE_WAY]
    if not count:
        return
    text = _("{connections} of which the capture holds one side only")
    if connections.one_way_http == count:
        text = _("{connections} with HTTP, of which the capture holds one side only")
    page.labelled(_("One direction"), text.format(connections=of_connections(count)), "yellow")
    page.advice(
        _(
            "Capture both directions: a mirror port for receive and transmit, no filter that names only `src` or `dst`,"
            " and not on one of two asymmetric routes."
        )
    )


def _cut(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    if not facts.cut:
        return
    text = ngettext(
        "{count} of {packets} packets is cut: of {longest} bytes at most the beginning was captured",
        "{count} of {packets} packets are cut: at most {longest} bytes of each were captured",
        facts.cut,
    )
    page.labelled(
        _("Snapped"),
        text.format(count=number(facts.cut), packets=number(facts.packets), longest=number(facts.cut_to)),
        "alarm",
    )
    if connections.kinds[Kind.CUT]:
        text = _("{connections} lost all payload to it")
        page.more(text.format(connections=of_connections(connections.kinds[Kind.CUT])))
    page.advice(_("Capture whole packets: tcpdump -s 0, or a snap length of 262144 in Wireshark."))


def _silent(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    kinds = connections.kinds
    items = [
        (kinds[Kind.SILENT], _("{count} opened or closed without a byte of payload")),
        (kinds[Kind.REFUSED], _("{count} refused")),
        (kinds[Kind.UNANSWERED], _("{count} unanswered")),
        (0 if facts.cut else kinds[Kind.CUT], _("{count} whose payload was not captured")),
    ]
    said = [text.format(count=number(count)) for count, text in items if count]
    if said:
        page.labelled(_("No payload"), _(", ").join(said))


def _no_tcp(page: Page, facts: CaptureFacts) -> None:
    if not facts.skipped:
        return
    count = sum(facts.skipped.values())
    items = [f"{_(REASONS.get(reason, reason))} {number(times)}" for reason, times in facts.skipped.most_common()]
    text = ngettext("{count} packet: {reasons}", "{count} packets: {reasons}", count)
    page.labelled(_("Not TCP"), text.format(count=number(count), reasons=row_of(items)))
    if facts.udp_ports:
        page.more(_("UDP by its lower port: {ports}").format(ports=ports(facts.udp_ports, _NAMES)))
    if facts.udp_ports.counts.get("443"):
        page.advice(
            _(
                "UDP to port 443 is mostly QUIC (HTTP/3), which is encrypted and not read. A client that is not allowed"
                " UDP 443 falls back to TCP."
            )
        )
    if facts.skipped["cut before the end of the headers"]:
        page.advice(_("Packets cut inside their headers: capture with tcpdump -s 0."))
    if facts.skipped["unknown link type"]:
        page.advice(
            _("This link type is not read: capture on another interface, or convert the file to Ethernet or raw IP.")
        )
    if facts.skipped["encrypted below TCP"]:
        page.advice(_("Capture inside the tunnel or the Wi-Fi (on one of its ends), where packets are in the clear."))
