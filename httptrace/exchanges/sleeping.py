"""Dialogues that are silent, folded up: what they know is packed, and unpacked when anything but content comes.

An exchange that goes on for a long time (a stream of events, a long poll, a slow upload's answer) is some fifty objects
while it waits, most of them strings of its header fields: 5 kB. Where thousands are open at once, that is the memory
of the program. So a :class:`Sleeper` stands for a dialogue that was silent for a while, before the same readers. It
takes content by itself, for that is what comes on such a connection; whatever else is asked wakes the dialogue.

Packed are plain values only: what has a decoder, holes, 1xx responses or more than one exchange open stays awake.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from httptrace.exchanges.body import PREFIX, Digest, let_pass
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.folding import Plain
from httptrace.exchanges.inflate import library
from httptrace.exchanges.progress import MessageProgress
from httptrace.http.events import Listener
from httptrace.model import At, Direction

SERVER = Direction.SERVER

#: Octets, and the dictionary they were packed with.
Packed: TypeAlias = tuple[bytes, bytes]

#: How much zlib looks back to (8 KiB) and how large its tables are: little, because all of it is made anew each time.
_WINDOW, _TABLES = -13, 2


class Packer:
    """Packs plain values into few octets. Open exchanges are much like each other, so the octets of one of them are the
    dictionary of those behind it: 1,000 octets become 200."""

    __slots__ = ("_dictionary", "_left")

    #: So many are packed with the same dictionary, which is kept as long as they are.
    EACH = 256

    def __init__(self) -> None:
        self._dictionary = b""
        self._left = 0

    def pack(self, values: Plain) -> Packed:
        """The values in short."""
        octets = marshal.dumps(values)
        if not self._left:
            self._dictionary = octets
            self._left = self.EACH
        self._left -= 1
        coder = library().compressobj(1, zlib.DEFLATED, _WINDOW, _TABLES, zlib.Z_DEFAULT_STRATEGY, self._dictionary)
        return coder.compress(octets) + coder.flush(), self._dictionary


def unpack(octets: bytes, dictionary: bytes) -> Plain:
    """The values again."""
    values: Plain = marshal.loads(library().decompressobj(_WINDOW, dictionary).decompress(octets))
    return values


class Sleeper:
    """Stands for a dialogue, before its readers and its host."""

    __slots__ = (
        "_dialogue",
        "_dictionary",
        "_digest",
        "_host",
        "_last",
        "_octets",
        "_passed",
        "_requests",
        "_responses",
        "_takes",
    )

    def __init__(self, dialogue: Dialogue, packed: Packed, message: MessageProgress | None) -> None:
        self._host = dialogue.host
        self._octets, self._dictionary = packed
        self._dialogue: Dialogue | None = None  # once it was woken
        self._digest: Digest | None = None
        self._last: At | None = None  # where content was seen
        self._passed = 0  # octets of content in its sleep
        self._takes = False  # whether content may come that nobody looks at
        if message is not None and message.reader is not None:
            self._digest, self._last = message.reader.digest, message.last
            self._takes = len(message.reader.prefix) >= PREFIX
        self._requests, self._responses = dialogue.requests, dialogue.responses
        # What is not here is the dialogue's.
        self._requests.listener = self._responses.listener = cast(Listener, self)

    # ------------------------------------------------------------------ in its sleep

    def content(self, sender: Direction, data: bytes, at: At) -> None:
        """Content of the message that this side is in."""
        if self._takes and sender is SERVER:
            self._passed += len(data)
            self._last = at
            if self._digest is not None:
                self._digest.update(data)
        else:
            self.wake().content(sender, data, at)

    def content_door(self, sender: Direction) -> Callable[[bytes], object] | None:
        """What takes the content of the message that this side is in."""
        if self._takes and sender is SERVER:
            return self._digest.update if self._digest is not None else let_pass
        return self.wake().content_door(sender)

    def content_passed(self, sender: Direction, count: int, at: At) -> None:
        """Content went through that door."""
        if self._takes and sender is SERVER:
            self._passed += count
            self._last = at
        else:
            self.wake().content_passed(sender, count, at)

    # ------------------------------------------------------------------ waking

    def __getattr__(self, name: str) -> Any:
        """Whatever else is asked of a dialogue."""
        return getattr(self.wake(), name)

    def wake(self) -> Dialogue:
        """The dialogue, as it would be had it stayed awake; from here on it stands in its place again."""
        dialogue = self._dialogue
        if dialogue is None:
            dialogue = self._dialogue = Dialogue(self._host, False, (self._requests, self._responses))
            dialogue.unfold(unpack(self._octets, self._dictionary), self._digest, self._last)
            if self._passed:
                assert self._last is not None
                dialogue.content_passed(SERVER, self._passed, self._last)
            self._takes = False
            self._requests.listener = self._responses.listener = dialogue
            self._host.woke(dialogue)
        return dialogue


def put_to_sleep(dialogue: Dialogue, packer: Packer, before: int) -> Sleeper | None:
    """What stands for a dialogue from here on; None where it has to stay awake (:meth:`Dialogue.fold`)."""
    if dialogue.requests.searches or dialogue.responses.searches:
        return None
    folded = dialogue.fold(before)
    if folded is None:
        return None
    values, message = folded
    return Sleeper(dialogue, packer.pack(values), message)
