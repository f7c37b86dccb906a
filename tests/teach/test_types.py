"""Content types: all that nginx's mime.types knows, found by type and by extension."""

from __future__ import annotations

import pytest

from httptrace.teach.reference import find, lookup

NGINX = """
text/html html htm shtml; text/css css; text/xml xml; image/gif gif; image/jpeg jpeg jpg;
application/javascript js; application/atom+xml atom; application/rss+xml rss; text/mathml mml;
text/plain txt; text/vnd.sun.j2me.app-descriptor jad; text/vnd.wap.wml wml; text/x-component htc;
image/avif avif; image/png png; image/svg+xml svg svgz; image/tiff tif tiff; image/vnd.wap.wbmp wbmp;
image/webp webp; image/x-icon ico; image/x-jng jng; image/x-ms-bmp bmp; font/woff woff; font/woff2 woff2;
application/java-archive jar war ear; application/json json; application/mac-binhex40 hqx;
application/msword doc; application/pdf pdf; application/postscript ps eps ai; application/rtf rtf;
application/vnd.apple.mpegurl m3u8; application/vnd.google-earth.kml+xml kml;
application/vnd.google-earth.kmz kmz; application/vnd.ms-excel xls; application/vnd.ms-fontobject eot;
application/vnd.ms-powerpoint ppt; application/vnd.oasis.opendocument.graphics odg;
application/vnd.oasis.opendocument.presentation odp; application/vnd.oasis.opendocument.spreadsheet ods;
application/vnd.oasis.opendocument.text odt;
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx;
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx;
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx; application/vnd.wap.wmlc
wmlc; application/wasm wasm; application/x-7z-compressed 7z; application/x-cocoa cco;
application/x-java-archive-diff jardiff; application/x-java-jnlp-file jnlp; application/x-makeself run;
application/x-perl pl pm; application/x-pilot prc pdb; application/x-rar-compressed rar;
application/x-redhat-package-manager rpm; application/x-sea sea; application/x-shockwave-flash swf;
application/x-stuffit sit; application/x-tcl tcl tk; application/x-x509-ca-cert der pem crt;
application/x-xpinstall xpi; application/xhtml+xml xhtml; application/xspf+xml xspf; application/zip zip;
application/octet-stream bin exe dll deb dmg iso img msi msp msm; audio/midi mid midi kar; audio/mpeg
mp3; audio/ogg ogg; audio/x-m4a m4a; audio/x-realaudio ra; video/3gpp 3gpp 3gp; video/mp2t ts; video/mp4
mp4; video/mpeg mpeg mpg; video/quicktime mov; video/webm webm; video/x-flv flv; video/x-m4v m4v;
video/x-mng mng; video/x-ms-asf asx asf; video/x-ms-wmv wmv; video/x-msvideo avi
"""

BEYOND = """
application/x-www-form-urlencoded multipart/form-data multipart/byteranges multipart/mixed
text/javascript application/xml text/csv text/event-stream application/grpc application/x-ndjson
application/problem+json application/ld+json application/x-protobuf application/ocsp-request
application/gzip application/manifest+json application/soap+xml text/markdown text/vtt application/cbor
application/msgpack message/http
"""

ROWS = [row.split() for row in NGINX.split(";")]


@pytest.mark.parametrize(("name", "extensions"), [pytest.param(row[0], row[1:], id=row[0]) for row in ROWS])
def test_nginx_mime_types(name: str, extensions: list[str]) -> None:
    entry = lookup("type", name)
    assert entry is not None
    assert set(extensions) <= set(entry.extensions)
    assert all(find(f".{extension}") == [entry] for extension in extensions)


@pytest.mark.parametrize("name", BEYOND.split())
def test_common_types_beyond(name: str) -> None:
    assert lookup("type", name)


def test_parameters_are_no_part_of_the_name() -> None:
    assert lookup("type", "Text/HTML; charset=utf-8") is lookup("type", "text/html")


@pytest.mark.parametrize(
    "name",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/xml",
        "application/json",
    ],
)
def test_form_types_show_a_body_on_the_wire(name: str) -> None:
    entry = lookup("type", name)
    assert entry is not None
    assert entry.sample().startswith("POST ")
    assert f"Content-Type: {name}" in entry.sample()


def test_the_multipart_sample_has_two_fields_and_a_file() -> None:
    entry = lookup("type", "multipart/form-data")
    assert entry is not None
    boundary = entry.sample().split("boundary=")[1].split("\n")[0]
    assert entry.sample().count(f"--{boundary}\n") == 3
    assert entry.sample().rstrip().endswith(f"--{boundary}--")
    assert entry.sample().count("filename=") == 1
