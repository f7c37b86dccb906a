"""gzip and deflate are undone by zlib-ng where it is installed, by zlib else: nobody can tell which it was."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from httptrace.exchanges import inflate
from httptrace.exchanges.body import BodyReader
from httptrace.exchanges.coding import Problem, decoder
from httptrace.limits import DECODED_PIECE, MIB
from httptrace.model import Body
from tests.exchanges.coders import TRUTH, raw_deflate, singly, undo
from tests.exchanges.damage import body_of_seed, odd_deflate

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def use() -> Iterator[Callable[[bool], str]]:
    """Decides whether zlib-ng can be imported; gives the name of what inflates then."""
    with pytest.MonkeyPatch.context() as patch:

        def choose(installed: bool) -> str:
            patch.undo()
            if not installed:
                patch.setitem(sys.modules, "zlib_ng", None)
            inflate.library.cache_clear()
            return inflate.library().__name__

        yield choose
    inflate.library.cache_clear()


def is_installed() -> bool:
    inflate.library.cache_clear()
    return inflate.library() is not zlib


BOTH = pytest.mark.skipif(not is_installed(), reason="zlib-ng is not installed here")


@BOTH
def test_zlib_ng_inflates_where_it_is_installed(use):
    assert use(True) == "zlib_ng.zlib_ng"


def test_zlib_inflates_where_it_is_not(use):
    assert use(False) == "zlib"
    assert undo(["gzip"], singly(gzip.compress(TRUTH))) == (TRUTH, None)
    assert undo(["deflate"], singly(raw_deflate(TRUTH))) == (TRUTH, None)


@BOTH
@pytest.mark.parametrize("seed", range(600))
def test_both_libraries_give_the_same_of_anything(use, seed):
    label, body, pieces = body_of_seed(seed)
    cut = seed % 3 == 0
    use(False)
    expected = undo([label], pieces, cut)
    use(True)
    assert undo([label], pieces, cut) == expected
    assert undo([label], [body], cut) == expected


@BOTH
@pytest.mark.parametrize("seed", range(300))
def test_both_libraries_refuse_odd_huffman_codes_at_the_same_byte(use, seed):
    """Codes that are incomplete, which some libraries decode with, and over-subscribed (RFC 1951 §3.2.7)."""
    coded = odd_deflate(random.Random(seed))
    use(False)
    expected = undo(["deflate"], [coded], cut=True)
    use(True)
    assert undo(["deflate"], [coded], cut=True) == expected


@pytest.mark.parametrize("seed", range(200))
def test_the_side_door_changes_nothing(seed):
    """What goes through the door is gathered: size, hash and note are those of octets fed one after another."""
    label, _, pieces = body_of_seed(seed)
    hole = len(pieces) // 2 if seed % 4 == 0 else len(pieces)
    results = []
    for through_door in (False, True):
        body = Body()
        reader = BodyReader(body, [label], 0, True)
        for at, piece in enumerate(pieces):
            door = reader.door if through_door and (seed + at) % 7 else None
            if at == hole:
                reader.gap()
            elif door is not None:
                door(piece)
                reader.passed(len(piece))
            else:
                reader.feed(piece)
        note = reader.finish(cut=seed % 3 == 0)
        results.append((body.size, body.decoded_size, body.sha256, reader.prefix, note))
    assert results[0] == results[1]


@pytest.mark.parametrize("installed", [pytest.param(True, marks=BOTH), False], ids=["zlib-ng", "zlib"])
def test_a_bomb_through_the_door_stays_small(use, installed, monkeypatch):
    use(installed)
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(bytes(MIB)) for _ in range(80)] + [packer.flush()])
    body = Body()
    reader = BodyReader(body, ["gzip"], 0, False)
    reader._decoder = decoder(["gzip"], limit=70 * MIB)
    tracemalloc.start()
    try:
        for start in range(0, len(bomb), 1_448):
            (reader.door or reader.feed)(bomb[start : start + 1_448])
        note = reader.finish(cut=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert body.decoded_size == 70 * MIB
    assert note is not None
    assert note[1] == Problem.LIMIT.value
    assert peak < 8 * MIB


@pytest.mark.parametrize("installed", [pytest.param(True, marks=BOTH), False], ids=["zlib-ng", "zlib"])
@pytest.mark.parametrize("beyond", [37, 74, 258], ids=lambda size: f"{size} bytes")
def test_a_full_piece_holds_nothing_back_at_a_cut(use, installed, beyond):
    """A call that gives a full piece may have consumed its input in the middle of a match."""
    use(installed)
    packer = zlib.compressobj(9, wbits=31)
    coded = packer.compress(bytes(DECODED_PIECE + beyond)) + packer.flush(zlib.Z_SYNC_FLUSH)
    for end in range(len(coded) - 12, len(coded)):
        assert undo(["gzip"], [coded[:end]], cut=True) == undo(["gzip"], singly(coded[:end]), cut=True), end


@BOTH
def test_zlib_ng_is_imported_with_the_first_coded_body():
    program = (
        "import sys; from httptrace.exchanges.coding import decoder; decoder(['br']); "
        "before = 'zlib_ng' in sys.modules; decoder(['gzip']); print(before, 'zlib_ng' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60, cwd=ROOT)
    assert done.stdout.split() == [b"False", b"True"]
