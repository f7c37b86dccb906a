"""The generator itself: the same seed gives the same bytes, and all it can do comes up."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import zlib

import pytest

from tests.generate import coding, link, write
from tests.generate.conversation import NAMES, batch, generate
from tests.generate.truth import expected
from tests.programs import find


def test_a_seed_gives_the_same_capture_every_time() -> None:
    seeds = list(range(len(NAMES)))
    assert write.pcapng(batch(seeds).records) == write.pcapng(batch(seeds).records)


def test_seeds_cover_every_fault_link_and_tunnel() -> None:
    made = [each for seed in range(300) for each in generate(seed)]
    assert {each.fault for each in made} == set(NAMES)
    assert {each.path.link for each in made} == set(link.LINKS)
    assert {each.path.tunnel for each in made} == set(link.TUNNELS)
    assert {"upgrade", "expect", "http/0.9"} <= {feature for each in made for feature in each.features}
    spoken = [each for conversation in made for each in conversation.dialogue.exchanges]
    found = {coding for each in spoken for coding in (each.response.encoding or "").split(", ")}
    assert {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "identity"} <= found


def test_an_undisturbed_conversation_is_all_there() -> None:
    made = batch([seed for seed in range(150) if seed % len(NAMES) == 0])
    for conversation in made.conversations:
        truth = expected(conversation)
        assert len(truth.exchanges) == len(conversation.dialogue.exchanges)
        assert all(not each.must and not each.one_of for each in truth.exchanges)
        if conversation.manner.closing in ("fin", "late-half"):
            assert all(each.record["response"]["complete"] for each in truth.exchanges)


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_codings_can_be_undone(seed: int) -> None:
    chance = random.Random(seed)
    content = chance.choice((b"", b"a", chance.randbytes(3000), b"abcabd" * 9000))
    assert gzip.GzipFile(fileobj=io.BytesIO(coding.gzip_members(content, chance))).read() == content
    assert zlib.decompress(coding.raw_deflate(content), wbits=-15) == content
    if (program := find("gzip")) is not None:  # it also reads what the program `compress` writes
        done = subprocess.run([program, "-dc"], input=coding.compress_lzw(content), capture_output=True, check=True)
        assert done.stdout == content
