"""What was found against what must be found: a list of differences in words, empty where all is well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.generate.truth import JUDGED, Expected, ExpectedExchange

Record = dict[str, Any]


def unequal(want: Any, got: Any, where: str) -> Iterable[str]:
    """Differences in what `want` speaks about; what it leaves out is not judged."""
    if isinstance(want, dict) and isinstance(got, dict):
        for name, value in want.items():
            if name in got:
                yield from unequal(value, got[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is not there, must be {value!r}"
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for at, (one, other) in enumerate(zip(want, got, strict=True)):
            yield from unequal(one, other, f"{where}[{at}]")
    elif isinstance(got, tuple):
        yield from unequal(want, list(got), where)
    elif want != got:
        yield f"{where} is {shown(got)}, must be {shown(want)}"


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:200] + " … " + text[-60:]


def codes(record: Record) -> set[str]:
    return {note["code"] for note in record["notes"]}


def notes(want: ExpectedExchange, record: Record, where: str) -> Iterable[str]:
    found = codes(record) & JUDGED
    said = [(note["code"], note["packet"], note.get("text", "")) for note in record["notes"]]
    if len(said) != len(set(said)):
        yield f"{where} says the same twice: {said}"
    if missing := want.must - found:
        yield f"{where} lacks {sorted(missing)}; it has {sorted(found)}"
    if surplus := found - want.must - want.may - want.one_of:
        yield f"{where} must not say {sorted(surplus)}"
    if want.one_of and not want.one_of & found:
        yield f"{where} must say one of {sorted(want.one_of)}; it has {sorted(found)}"


def name_of(record: Record) -> str:
    request, response = record["request"], record["response"]
    if request:
        return f"{request['method']} {request['target'][:40]}"
    return f"response {response and response['status']}"


def starts_at(record: Record) -> int:
    messages = [record["request"], *record.get("informational", []), record["response"]]
    return int(next(message for message in messages if message).get("first_packet") or 0)


def exchange(want: ExpectedExchange, record: Record) -> list[str]:
    """One exchange that must be against one that was found."""
    where = name_of(record)
    wanted, found = dict(want.record), dict(record)
    response = found["response"]
    if wanted["response"] is None and response is not None and response["status"] is None:
        found["response"] = None  # the contract leaves this choice: body bytes behind a lost status line
    return [*unequal(wanted, found, where), *notes(want, record, where)]


def exchanges(want: Expected, records: list[Record]) -> list[str]:
    """All exchanges of a stream. Both sides are put in order of the packets they start at, for numbers are
    judged elsewhere; exchanges whose start nothing marks may be missing, and be replaced by as many
    others."""
    wanted = sorted(want.exchanges, key=lambda each: starts_at(each.record))
    found = sorted(records, key=starts_at)
    if want.unpaired:
        return [*messages_of(want, found, "request"), *messages_of(want, found, "response")]
    if want.loose:
        return [fault for each in wanted if not each.loose for fault in best_of(each, found)]
    if len(wanted) != len(found):
        names, true_names = [name_of(each) for each in found], [name_of(each.record) for each in wanted]
        return [f"{len(found)} exchanges, must be {len(wanted)}: {names}, must be {true_names}"]
    faults = [fault for each, record in zip(wanted, found, strict=True) for fault in exchange(each, record)]
    if want.resynced and not any("resynced" in codes(record) for record in found):
        faults.append("no exchange says resynced")
    return faults


def messages_of(want: Expected, records: list[Record], side: str) -> Iterable[str]:
    """The messages of one side, whatever they are paired with: in a pipeline with a hole nothing tells which
    response is missing its request."""
    wanted = [each.record[side] for each in want.exchanges if each.record[side] and not each.loose]
    found = [record[side] for record in records if record[side]]
    for message in wanted:
        faults = [list(unequal(message, other, side)) for other in found]
        best = min(faults, key=len, default=[f"the {side} {shown(message)} is not there"])
        yield from best


def best_of(want: ExpectedExchange, records: list[Record]) -> list[str]:
    tried = [exchange(want, record) for record in records]
    return min(tried, key=len) if tried else [f"{name_of(want.record)} is not there"]


def stream(want: Expected, record: Record) -> list[str]:
    return list(unequal(want.stream, record, f"stream {want.stream['stream']}"))


def packets(want: Expected, records: dict[int, Record]) -> list[str]:
    """Stream, sender, flags, numbers and lengths of every packet of a stream; `from` where a SYN tells who
    is who."""
    faults = []
    for wanted in want.packets:
        record = records.get(wanted["packet"])
        if record is None:
            faults.append(f"packet {wanted['packet']} is not there")
            continue
        faults += unequal(wanted, record, f"packet {wanted['packet']}")
    return faults
