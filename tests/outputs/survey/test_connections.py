"""What a connection is to a reader who looks for HTTP, and that every reason of the decoder has words."""

from __future__ import annotations

import pytest

from httptrace.model import Endpoint, SideCounts, StreamRecord
from httptrace.outputs.survey.connections import Connections, Kind, kind_of
from httptrace.outputs.survey.leftovers import REASONS
from httptrace.packets.cursor import Skipped

NONE = SideCounts()
PACKETS = SideCounts(packets=3)
BYTES = SideCounts(packets=3, bytes=10)
MISSING = SideCounts(packets=3, missing_bytes=10, missing_acked_bytes=10)
UNSEEN = SideCounts(missing_bytes=10, missing_acked_bytes=10)


def record(application="unknown", client=BYTES, server=BYTES, handshake="complete", close="fin"):
    ends = Endpoint("192.0.2.1", 40000), Endpoint("198.51.100.1", 81)
    return StreamRecord(0, *ends, 1, 9, 0, 1, handshake, close, None, client, server, application)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        pytest.param(record("http/1"), Kind.HTTP, id="http-1"),
        pytest.param(record("http/0.9"), Kind.HTTP, id="http-0.9"),
        pytest.param(record("websocket"), Kind.HTTP, id="websocket-began-as-http"),
        pytest.param(record("http/1", server=NONE), Kind.HTTP, id="http-of-one-side"),
        pytest.param(record("http/2"), Kind.HTTP2, id="http-2"),
        pytest.param(record("tls"), Kind.TLS, id="tls"),
        pytest.param(record(), Kind.OTHER, id="bytes-of-both"),
        pytest.param(record(server=PACKETS), Kind.OTHER, id="bytes-of-one-packets-of-both"),
        pytest.param(record(server=NONE), Kind.ONE_WAY, id="bytes-of-one-side-alone"),
        pytest.param(record(client=UNSEEN, server=PACKETS), Kind.ONE_WAY, id="acks-of-one-side-alone"),
        pytest.param(record(client=PACKETS, server=MISSING), Kind.CUT, id="payload-not-captured"),
        pytest.param(record(client=PACKETS, server=PACKETS, handshake="refused"), Kind.REFUSED, id="refused"),
        pytest.param(record(client=PACKETS, server=NONE, handshake="partial"), Kind.UNANSWERED, id="syn-alone"),
        pytest.param(record(client=PACKETS, server=PACKETS), Kind.SILENT, id="no-payload"),
        pytest.param(record(client=PACKETS, server=NONE, handshake="unseen"), Kind.SILENT, id="an-ack-alone"),
    ],
)
def test_kind_of(given, kind):
    assert kind_of(given) is kind


def test_a_refused_connection_is_no_reset():
    connections = Connections()
    connections.add(record(client=PACKETS, server=PACKETS, handshake="refused", close="rst"))
    connections.add(record("http/1", close="rst"))
    assert connections.resets == 1
    assert connections.refused.counts == {"198.51.100.1:81": 1}


def test_every_reason_of_the_decoder_has_words():
    assert set(REASONS) == {reason.value for reason in Skipped}
