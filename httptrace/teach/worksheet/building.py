"""A sheet from a connection: every section that the capture has something for."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from random import Random

from httptrace.lang import _, ngettext
from httptrace.model import Exchange
from httptrace.teach.answers import Choice
from httptrace.teach.lesson import Lesson, Talk
from httptrace.teach.questions.asking import chosen
from httptrace.teach.questions.question import Question
from httptrace.teach.worksheet import measures, messages, segments
from httptrace.teach.worksheet.sheet import Ask, Blank, Section, Sheet

#: Questions at the end that are chosen as the quiz chooses.
_QUESTIONS = 4

#: Of so many questions of the quiz those are taken that show no packet: it would fill in a table.
_LOOKED_AT = 60


def build(talk: Talk, file: str, seed: int) -> Sheet:
    """The sheet for a connection; another seed takes another exchange, other examples and other questions."""
    chance = Random(seed)
    whole = [one for one in talk.exchanges if one.request and one.response and one.response.status]
    exchange = chance.choice(whole) if whole else None
    sections = (
        segments.handshake(talk),
        segments.data(talk, exchange, chance),
        messages.exchange(exchange, talk) if exchange is not None else None,
        measures.round_trips(talk),
        measures.repetitions(talk),
        measures.windows(talk),
        segments.close(talk),
        _questions(talk, exchange, seed),
    )
    return Sheet(
        _("Lab: TCP and HTTP, packet by packet"),
        fingerprint(talk),
        talk.record.stream,
        seed,
        _facts(talk, file, seed),
        tuple(_mixed(section, chance) for section in sections if section is not None),
    )


def _mixed(section: Section, chance: Random) -> Section:
    """The section with what there is to choose in another order."""

    def mixed(blank: Blank) -> Blank:
        answer = blank.answer
        return replace(blank, answer=answer.shuffled(chance)) if isinstance(answer, Choice) else blank

    rows = tuple(tuple(mixed(cell) if isinstance(cell, Blank) else cell for cell in row) for row in section.rows)
    asks = tuple(replace(ask, blank=mixed(ask.blank)) for ask in section.asks)
    return replace(section, rows=rows, asks=asks)


def fingerprint(talk: Talk) -> str:
    """A name for the connection's packets, by which a file of answers is recognised; it says nothing about answers."""
    digest = sha256()
    for one in talk.packets:
        digest.update(
            f"{one.packet},{one.time_ns},{one.flags},{one.absolute_seq},{one.absolute_ack},{one.length};".encode()
        )
    return digest.hexdigest()[:16]


def _facts(talk: Talk, file: str, seed: int) -> tuple[str, ...]:
    record, count = talk.record, len(talk.packets)
    return (
        _("Capture: {file}").format(file=file),
        _("Connection: stream {stream} (tcp.stream eq {stream}), client {client}, server {server}").format(
            stream=record.stream, client=record.client, server=record.server
        ),
        ngettext("{count} packet, No{first}", "{count} packets, No{first} to No{last}", count).format(
            count=count, first=talk.packets[0].packet, last=talk.packets[-1].packet
        ),
        _("Sheet number {seed} (--seed {seed})").format(seed=seed),
    )


def _questions(talk: Talk, exchange: Exchange | None, seed: int) -> Section | None:
    """Questions about messages, one of a kind and one for an exchange, and none about the exchange that has a section
    of its own: each shows what another asks."""
    taken: dict[str, Question] = {}
    about = {exchange.no if exchange is not None else None}
    for question in chosen(Lesson([talk], cut=True), None, seed, _LOOKED_AT):
        number = _exchange_of(question, talk)
        if not question.shown and number not in about and question.kind not in taken:
            taken[question.kind] = question
            about.add(number)
    if not taken:
        return None
    asks = [
        Ask(question.text, Blank(f"question.{number}", question.answer, 10), question.lines)
        for number, question in enumerate(list(taken.values())[:_QUESTIONS], 1)
    ]
    return Section("question", _("Questions"), _("Look at the messages of this connection."), asks=tuple(asks))


def _exchange_of(question: Question, talk: Talk) -> int | None:
    """The number of the exchange that a question is about, as far as its packet tells."""
    for one in talk.exchanges:
        if one.request and one.response and one.request.first_packet <= question.packet <= one.response.last_packet:
            return one.no
    return None
