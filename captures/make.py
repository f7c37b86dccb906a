"""`python -m captures.make` rewrites every synthetic capture; the same scripts give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from captures import bodies, first_page, links, statuses, troubles
from captures.conversation import Conversation
from captures.files import pcap, pcapng

HERE = Path(__file__).parent

SCRIPTS: dict[str, Callable[[], Conversation]] = {
    "first-page.pcap": first_page.first_page,
    "form-post.pcap": bodies.form_post,
    "multipart-upload.pcap": bodies.multipart_upload,
    "xml-post.pcap": bodies.xml_post,
    "json-api.pcap": bodies.json_api,
    "chunked-gzip.pcap": bodies.chunked_gzip,
    "continue-100.pcap": bodies.continue_100,
    "head-and-304.pcap": bodies.head_and_304,
    "pipelining.pcap": bodies.pipelining,
    "redirect.pcap": statuses.redirect,
    "status-400.pcap": statuses.status_400,
    "status-401.pcap": statuses.status_401,
    "status-403.pcap": statuses.status_403,
    "status-404.pcap": statuses.status_404,
    "status-500.pcap": statuses.status_500,
    "status-503.pcap": statuses.status_503,
    "no-content-type.pcap": statuses.no_content_type,
    "retransmission.pcap": troubles.retransmission,
    "fast-retransmission.pcap": troubles.fast_retransmission,
    "out-of-order.pcap": troubles.out_of_order,
    "lost-segment.pcap": troubles.lost_segment,
    "sequence-wrap.pcap": troubles.sequence_wrap,
    "reset.pcap": troubles.reset,
    "refused.pcap": troubles.refused,
    "keep-alive.pcap": troubles.keep_alive,
    "zero-window.pcap": troubles.zero_window,
    "ipv6.pcapng": links.ipv6,
    "vlan.pcap": links.vlan,
}


def written(name: str) -> bytes:
    """The capture of this name, built anew."""
    frames = SCRIPTS[name]().frames
    if name.endswith(".pcapng"):
        return pcapng(frames, interface="eth0", comment="httptrace: captures/links.py")
    return pcap(frames)


def captures() -> Iterator[tuple[Path, bytes]]:
    """Each synthetic capture: where it stands, and its bytes."""
    for name in SCRIPTS:
        yield HERE / name, written(name)


if __name__ == "__main__":
    for path, content in captures():
        path.write_bytes(content)
        print(f"{path.name:28} {len(content):6} bytes")
