"""What a message carries, in a word, and what a status means, in half a sentence."""

from __future__ import annotations

from httptrace.lang import N_, _
from httptrace.model import Exchange, Message, Response

#: What a content is, by the beginning of its content type: as something asked for, and as something that
#: came.
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("text/html", N_("a page"), N_("the page")),
    ("application/xhtml", N_("a page"), N_("the page")),
    ("text/css", N_("a style sheet"), N_("the style sheet")),
    ("text/javascript", N_("a script"), N_("the script")),
    ("application/javascript", N_("a script"), N_("the script")),
    ("application/x-javascript", N_("a script"), N_("the script")),
    ("application/json", N_("JSON data"), N_("the JSON data")),
    ("application/x-www-form-urlencoded", N_("a form"), N_("the form")),
    ("multipart/form-data", N_("an upload"), N_("the upload")),
    ("text/xml", N_("an XML document"), N_("the XML document")),
    ("application/xml", N_("an XML document"), N_("the XML document")),
    ("image/", N_("a picture"), N_("the picture")),
    ("font/", N_("a font"), N_("the font")),
    ("video/", N_("a video"), N_("the video")),
    ("audio/", N_("a sound"), N_("the sound")),
    ("text/", N_("a text"), N_("the text")),
)

#: The same by the ending of a path, for a request whose answer is not known yet.
_ENDINGS: dict[str, str] = {
    "html": "text/html",
    "htm": "text/html",
    "php": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "xml": "text/xml",
    "txt": "text/plain",
    "woff2": "font/",
    "woff": "font/",
    "ttf": "font/",
    "mp4": "video/",
    "mp3": "audio/",
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "ico", "svg", "avif", "bmp"), "image/"),
}

_STATUSES: dict[int, str] = {
    100: N_("go on and send the body"),
    101: N_("from here on another protocol is spoken"),
    103: N_("hints on what to load while the answer is being made"),
    200: N_("the request succeeded"),
    201: N_("something new was created"),
    202: N_("accepted, but not done yet"),
    204: N_("succeeded, and there is nothing to send back"),
    206: N_("the part that was asked for"),
    300: N_("several forms to choose from"),
    301: N_("moved for good"),
    302: N_("found elsewhere for the moment"),
    303: N_("the result is to be fetched elsewhere with GET"),
    304: N_("not changed: the copy that the client has is still good"),
    307: N_("elsewhere for the moment; ask there with the same method"),
    308: N_("moved for good; ask there with the same method"),
    400: N_("the server cannot make sense of the request"),
    401: N_("the server wants to know who asks"),
    403: N_("understood, but not allowed"),
    404: N_("nothing is there under this address"),
    405: N_("this method is not allowed there"),
    408: N_("the request took too long to arrive"),
    410: N_("it was there and is gone for good"),
    412: N_("a condition in the request did not hold"),
    413: N_("the body is larger than the server takes"),
    414: N_("the address is longer than the server takes"),
    415: N_("the server does not take this content type"),
    416: N_("the part that was asked for does not exist"),
    417: N_("the server cannot meet what Expect asks"),
    421: N_("the request came to a server that does not answer for this host"),
    429: N_("too many requests in too short a time"),
    431: N_("the header fields are larger than the server takes"),
    500: N_("the server failed on the request"),
    501: N_("the server does not know how to do this"),
    502: N_("the server behind this one gave no proper answer"),
    503: N_("the server cannot answer at the moment"),
    504: N_("the server behind this one did not answer in time"),
    505: N_("the server does not speak this version of HTTP"),
}

_CLASSES = {
    1: N_("an interim answer"),
    2: N_("the request succeeded"),
    3: N_("the client has to take a further step"),
    4: N_("the server sees the fault in the request"),
    5: N_("the server failed on the request"),
}


def media_type(message: Message) -> str:
    """The content type without its parameters, in lower case; empty where none was sent."""
    return (message.body.content_type or "").partition(";")[0].strip().lower()


def asked_for(exchange: Exchange) -> str:
    """What a request asks for, as a word: by the answer's content type where it is there already, else by
    the path."""
    assert exchange.request is not None
    response = exchange.response
    if response and response.body.content_type and response.status and 200 <= response.status < 300:
        return _kind(media_type(response), 1) or _("a resource")
    path = exchange.request.target.partition("?")[0].partition("#")[0]
    last = path.rpartition("/")[2]
    if not last:
        return _("a page")
    return _kind(_ENDINGS.get(last.rpartition(".")[2].lower(), ""), 1) or _("a resource")


def sent_along(message: Message) -> str:
    """What a request with a body sends, as a word."""
    return _kind(media_type(message), 1) or _("data")


def content(message: Message) -> str:
    """What a message carries, as a word with its article: `the page`."""
    known = _kind(media_type(message), 2) if message.body.framing != "none" else ""
    if known and not (isinstance(message, Response) and message.status is not None and message.status >= 300):
        return known
    return _("the answer") if isinstance(message, Response) else _("the request")


def status_means(status: int) -> str:
    """A status code in half a sentence (RFC 9110 §15)."""
    text = _STATUSES.get(status) or _CLASSES.get(status // 100)
    return _(text) if text else _("a status code that no standard defines")


def _kind(kind: str, column: int) -> str:
    for row in _KINDS:
        if kind.startswith(row[0]):
            return _(row[column])
    return ""
