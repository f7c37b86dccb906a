"""A hole of any length at every place of a conversation: nothing raises, what is whole is found, nothing is made up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import sha256

import pytest

from tests.exchanges.talking import CLIENT, SERVER, Outcome, Said, Talk, by_turns, numbered, talk

COUNT = 4
LENGTHS = (1, 7, 60, 200, 400)


def places(messages: Sequence[bytes]) -> list[tuple[int, int]]:
    """Where each message begins and ends in its direction."""
    ends = [sum(map(len, messages[: number + 1])) for number in range(len(messages))]
    return list(zip([0, *ends], ends, strict=False))


def touched(place: tuple[int, int], lost: tuple[int, int]) -> bool:
    return place[0] < lost[1] and lost[0] < place[1]


def check_nothing_is_made_up(found: Outcome, label: object, pairs: bool) -> None:
    """Every message is one of those that were said, and (`pairs`) no pair is wrong."""
    assert len([one for one in found.exchanges if one.request]) <= COUNT, label
    assert len([one for one in found.exchanges if one.response]) <= COUNT, label
    for one in found.exchanges:
        request, response = one.request, one.response
        assert request or response, label
        if request:
            assert request.target in {f"/{number}" for number in range(1, COUNT + 1)}, label
            assert request.method in ("GET", "POST"), label
        if response and response.status is not None:
            number = response.status - 600
            assert 1 <= number <= COUNT, label
            if response.value("X-Number"):
                assert response.value("X-Number") == str(number), label
            if request and pairs:
                assert request.target == f"/{number}", (label, "a response at another's request")
            if not request:
                assert "no-request" in {note.code for note in one.notes}, label
            if response.complete:
                assert response.body.sha256 == sha256(b"<p>body %d</p>" % number * 3).hexdigest(), label


def check_clean_exchanges_are_quiet(found: Outcome, clean: set[int], label: object) -> None:
    for one in found.exchanges:
        if one.request and one.response and int(one.request.target[1:]) in clean:
            assert not {note.code for note in one.notes} - {"resynced"}, label


def check(turns: list[Said], side: int, lost: tuple[int, int], mss: int, pipelined: bool) -> None:
    """What must be found when these bytes of that side are missing."""
    said = places(numbered(COUNT)[side])
    label = (lost, "client" if side == CLIENT else "server", mss)
    found = talk(turns, lost, CLIENT if side == CLIENT else SERVER, mss)
    # Where requests do not wait for responses, nobody can say how many messages one gap has swallowed.
    pairs_are_known = not pipelined or sum(touched(place, lost) for place in said) == 1
    check_nothing_is_made_up(found, label, pairs_are_known)
    whole = {number for number, place in enumerate(said, 1) if not touched(place, lost)}
    check_clean_exchanges_are_quiet(found, whole, label)
    everyone = set(range(1, COUNT + 1))
    requests = {one.request.target for one in found.exchanges if one.request and one.request.complete}
    responses = {one.response.status for one in found.exchanges if one.response and one.response.complete}
    assert requests >= {f"/{number}" for number in (whole if side == CLIENT else everyone)}, (
        label,
        "a request is lost",
    )
    assert responses >= {600 + number for number in (whole if side == SERVER else everyone)}, (
        label,
        "a response is lost",
    )
    pairs = {
        one.request.target
        for one in found.exchanges
        if one.request and one.response and one.request.complete and one.response.complete
    }
    if pairs_are_known:
        assert pairs >= {f"/{number}" for number in whole}, (label, "a pair is lost")


def run(turns: list[Said], side: int, mss: int, pipelined: bool) -> None:
    total = places(numbered(COUNT)[side])[-1][1]
    for length in LENGTHS:
        for start in range(total):
            check(turns, side, (start, min(start + length, total)), mss, pipelined)


@pytest.mark.parametrize("mss", [1460, 61], ids=["message-by-message", "small-segments"])
@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["client", "server"])
def test_in_a_keep_alive_conversation(side: int, mss: int) -> None:
    run(by_turns(*numbered(COUNT)), side, mss, False)


@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["client", "server"])
def test_in_a_pipelined_conversation(side: int) -> None:
    requests, responses = numbered(COUNT)
    turns = [(CLIENT, request) for request in requests] + [(SERVER, response) for response in responses]
    run(turns, side, 1460, True)


@pytest.mark.parametrize("seed", range(150), ids=lambda seed: f"seed-{seed}")
def test_many_messages_with_holes(seed: int) -> None:
    chance = random.Random(seed)
    one = Talk().open()
    hurt: set[tuple[int, int]] = set()
    mss = chance.choice((1460, 40, 90))
    for number, pair in enumerate(zip(*numbered(COUNT), strict=True), 1):
        for side, message in zip((CLIENT, SERVER), pair, strict=True):
            lost = (0, 0)
            if chance.random() < 0.35:
                begin = one.sent[side] - 1
                places = sorted(chance.randrange(len(message) + 1) for _ in range(2))
                lost = (begin + places[0], begin + places[1])
                if lost[0] < lost[1]:
                    hurt.add((side, number))
            one.say(side, message, lost, mss)
    found = one.close()
    label = (seed, sorted(hurt))
    check_nothing_is_made_up(found, label, True)
    everyone = range(1, COUNT + 1)
    requests = {each.request.target for each in found.exchanges if each.request and each.request.complete}
    responses = {each.response.status for each in found.exchanges if each.response and each.response.complete}
    assert requests >= {f"/{number}" for number in everyone if (CLIENT, number) not in hurt}, label
    assert responses >= {600 + number for number in everyone if (SERVER, number) not in hurt}, label
    pairs = {target for target, status in found.pairs if target and status}
    assert pairs >= {f"/{n}" for n in everyone if (CLIENT, n) not in hurt and (SERVER, n) not in hurt}, label
