"""Workers in this process: the same bytes travel, no process is started, and a patched program stays patched."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from httptrace.workers.channel import pack, unpack
from httptrace.workers.events import Answer, Event, Part
from httptrace.workers.work import Work
from httptrace.workers.worker import Worker


class LocalCrew:
    """Stands for :class:`httptrace.workers.crew.Crew`. Rounds are read when their answer is asked for, as late as real
    workers may be."""

    most_under_way = 0
    rounds = 0
    largest = 0  # events of a round

    def __init__(self, work: Work, jobs: int) -> None:
        self.jobs = jobs
        plain = pack(work.settings())
        self._workers = [Worker({**unpack(plain), "number": number, "jobs": jobs}) for number in range(jobs)]
        self._under_way: deque[list[bytes]] = deque()

    def __enter__(self) -> LocalCrew:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def send(self, rounds: Sequence[list[Event]]) -> None:
        self._under_way.append([pack(events) for events in rounds])
        cls = type(self)
        cls.rounds += 1
        cls.largest = max(cls.largest, sum(map(len, rounds)))
        cls.most_under_way = max(cls.most_under_way, len(self._under_way))

    def receive(self) -> list[Answer]:
        rounds: list[bytes] = self._under_way.popleft()
        answers: list[Answer] = []
        for worker, data in zip(self._workers, rounds, strict=True):
            whole: Part = ([], [], [])
            for part in worker.answer(unpack(data)):
                for kept, found in zip(whole, unpack(pack(part)), strict=True):
                    kept += found
            answers.append((*whole, unpack(pack(worker.most()))))
        return answers
