"""Which questions a capture offers, and which of them are asked: by level and seed, no fact twice."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from httptrace.teach.lesson import Lesson
from httptrace.teach.questions import bodies, closing, flow, numbers, opening, statuses, trouble
from httptrace.teach.questions.question import ACK, FLAGS, LENGTH, SEQ, Question

#: What each level is about: 1 handshake, flags and status; 2 numbers, bodies and the close; 3 loss, windows, states
#: and time.
LEVELS = (1, 2, 3)

#: More of one kind is drill, not a lesson.
_MOST_OF_A_KIND = 3

_FIELDS = (FLAGS, SEQ, ACK, LENGTH)
_NEVER, _LATER = (0, 0, 0), (9, 0, 0)

_SUBJECTS = (opening, numbers, statuses, bodies, closing, trouble, flow)


def offered(lesson: Lesson) -> Iterator[Question]:
    """Every question that the capture answers, connection by connection."""
    for talk in lesson.talks:
        if talk.packets:
            for subject in _SUBJECTS:
                yield from subject.questions(talk)


def chosen(lesson: Lesson, level: int | None, seed: int, count: int) -> list[Question]:
    """At most `count` questions of a level, or of all, in the order in which they are asked: by level, then by packet.

    Kinds take turns, so that a capture with a hundred ACKs does not ask for a hundred of them, and no question shows
    what a later one hides.
    """
    chance = Random(seed)
    by_kind: dict[tuple[int, str], list[Question]] = {}
    for question in offered(lesson):
        if level is None or question.level == level:
            by_kind.setdefault((question.level, question.kind), []).append(question)
    for questions in by_kind.values():
        chance.shuffle(questions)
        del questions[_MOST_OF_A_KIND:]
    sitting = _Sitting()
    turns = _turns(list(by_kind), chance)
    while turns and len(sitting.questions) < count:
        for turn in turns:
            waiting = by_kind[turn]
            while waiting and not sitting.take(waiting.pop()):
                pass
            if len(sitting.questions) == count:
                break
        turns = [turn for turn in turns if by_kind[turn]]
    return [question.shuffled(chance) for question in sorted(sitting.questions, key=_order)]


def _order(question: Question) -> tuple[int, int, int]:
    return question.level, question.packet, question.stream


class _Sitting:
    """The questions of one quiz; takes what gives nothing away."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self._about: set[tuple[int, int]] = set()
        self._told: dict[tuple[int, str], tuple[int, int, int]] = {}  # when a field is first shown or answered
        self._asked: dict[tuple[int, str], tuple[int, int, int]] = {}  # when a hidden field is last asked for

    def take(self, question: Question) -> bool:
        """Take it, unless it shows what another asks, or asks what another has shown by then."""
        order = _order(question)
        fields = [(one.record.packet, name, name in one.hidden) for one in question.shown for name in _FIELDS]
        for packet, name, hidden in fields:
            if hidden and self._told.get((packet, name), _LATER) <= order:
                return False
            if self._asked.get((packet, name), _NEVER) >= order:
                return False
        subject = (question.packet, question.level)
        if subject in self._about:
            return False
        self._about.add(subject)
        for packet, name, hidden in fields:
            self._told[packet, name] = min(order, self._told.get((packet, name), _LATER))
            if hidden:
                self._asked[packet, name] = max(order, self._asked.get((packet, name), _NEVER))
        self.questions.append(question)
        return True


def _turns(kinds: list[tuple[int, str]], chance: Random) -> list[tuple[int, str]]:
    """The kinds in any order, but so that the levels take turns."""
    chance.shuffle(kinds)
    levels: dict[int, list[tuple[int, str]]] = {}
    for kind in kinds:
        levels.setdefault(kind[0], []).append(kind)
    longest = max(map(len, levels.values()), default=0)
    return [row[place] for place in range(longest) for _level, row in sorted(levels.items()) if place < len(row)]
