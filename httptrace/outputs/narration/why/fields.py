"""The rows on header fields that decide what happens next: cookies, copies in a cache, proofs of who asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from httptrace.lang import _, ngettext
from httptrace.model import Direction, Request, Response
from httptrace.outputs.narration.wording import Roles, Row, clean, listed, say

#: Cookies that are named, characters of a name, and of a field that is looked into.
_NAMED, _NAME, _LOOKED_INTO = 6, 40, 4_000

_MAX_AGE = re.compile(r"\s*max-age\s*=\s*\"?(\d{1,9})\"?\s*", re.IGNORECASE)


def request_rows(request: Request, roles: Roles, first: Callable[[str], bool]) -> list[Row]:
    """What a request brings along: cookies it was given, and proof of who asks."""
    rows = []
    client = roles.the(Direction.CLIENT)
    names = _names(pair for value in request.values("Cookie") for pair in value[:_LOOKED_INTO].split(";"))
    if names and first(f"cookie {names}"):
        text = ngettext(
            "{client} brings back {count} cookie that the site gave it earlier: {names} (RFC 6265 §4.2).",
            "{client} brings back {count} cookies that the site gave it earlier: {names} (RFC 6265 §4.2).",
            len(names),
        )
        rows.append(Row(_("cookies"), say(text, client=client, count=len(names), names=_few(names))))
    scheme = (request.value("Authorization") or "")[:_NAME].partition(" ")[0]
    if scheme.lower() == "basic" and first("basic"):
        text = _("Authorization: Basic: name and password in base64, which everyone on the way can read (RFC 7617 §4).")
        rows.append(Row(_("proof"), say(text)))
    elif scheme and first(f"authorization {scheme}"):
        text = _("Authorization: {scheme}: {client} proves who it is (RFC 9110 §11.6.2).")
        rows.append(Row(_("proof"), say(text, scheme=clean(scheme, _NAME), client=client)))
    return rows


def response_rows(request: Request | None, response: Response, roles: Roles, first: Callable[[str], bool]) -> list[Row]:
    """What a response leaves with the client: cookies, and for how long a copy is good."""
    rows = []
    client = roles.the(Direction.CLIENT)
    names = _names(value[:_LOOKED_INTO].partition(";")[0] for value in response.values("Set-Cookie"))
    if names and first(f"set-cookie {names}"):
        text = ngettext(
            "{client} is given {count} cookie, to be brought back with later requests: {names} (RFC 6265 §4.1).",
            "{client} is given {count} cookies, to be brought back with later requests: {names} (RFC 6265 §4.1).",
            len(names),
        )
        rows.append(Row(_("cookies"), say(text, client=client, count=len(names), names=_few(names))))
    kept = _kept(response, client)
    if kept and first(f"cache {kept}"):
        rows.append(Row(_("cache"), kept))
    mark = next((name for name in ("ETag", "Last-Modified") if response.value(name)), "")
    fetched = request is not None and request.method == "GET" and response.status == 200
    if mark and fetched and first(f"mark {mark}"):
        rows.append(Row("" if kept and rows else _("cache"), _marked(mark, client)))
    return rows


def _kept(response: Response, client: str) -> str:
    """What Cache-Control says of a copy (RFC 9111 §5.2.2), the strictest rule first."""
    options = (response.value("Cache-Control") or "")[:_LOOKED_INTO].lower().split(",")
    names = {option.partition("=")[0].strip() for option in options}
    if "no-store" in names:
        return _("no-store: nobody may keep a copy (RFC 9111 §5.2.2.5).")
    if "no-cache" in names:
        return _("no-cache: a copy may be kept, but the server is asked before each use (RFC 9111 §5.2.2.4).")
    ages = [int(found[1]) for option in options if (found := _MAX_AGE.fullmatch(option))]
    if not ages:
        return ""
    text = ngettext(
        "max-age: for {count} second {client} may use its copy without asking (RFC 9111 §5.2.2.1).",
        "max-age: for {count} seconds {client} may use its copy without asking (RFC 9111 §5.2.2.1).",
        ages[0],
    )
    if not ages[0]:
        text = _("max-age=0: the copy is stale at once, and the server is asked before each use (RFC 9111 §5.2.2.1).")
    return text.format(count=f"{ages[0]:,}", client=client)


def _marked(mark: str, client: str) -> str:
    if mark == "ETag":
        text = _(
            "ETag names this version: with If-None-Match {client} can ask later whether it still holds (RFC 9110 "
            "§13.1.2)."
        )
    else:
        text = _(
            "Last-Modified dates it: with If-Modified-Since {client} can ask later for anything newer (RFC 9110 "
            "§13.1.3)."
        )
    return say(text, client=client)


def _names(pairs: Iterable[str]) -> list[str]:
    found: list[str] = []
    for pair in pairs:
        name = pair.partition("=")[0].strip()
        if name and len(found) < 100:
            found.append(clean(name, _NAME))
    return found


def _few(names: list[str]) -> str:
    return listed(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
