"""Questions about conversations made by chance, with losses, repetitions and odd messages: every answer is right."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from httptrace.cli.lesson import Reading
from httptrace.cli.main import main
from httptrace.outputs import quiz
from httptrace.outputs.paint import Paint
from httptrace.outputs.worksheet import page
from httptrace.outputs.wrap import cell_width
from httptrace.teach.questions.asking import offered
from httptrace.teach.worksheet.building import build
from tests.generate.conversation import batch
from tests.generate.write import save
from tests.teach.questions.test_every_question import RULES, expected, said

QUICK = [pytest.param(seed, id=f"seed {seed}") for seed in range(3)]
SLOW = [pytest.param(seed, id=f"seed {seed}", marks=pytest.mark.slow) for seed in range(3, 40)]

#: Conversations of one capture.
_EACH = 4


def printed(path: Path, verb: str) -> list[dict[str, Any]]:
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        main([verb, str(path), "--format", "jsonl"])
        out.flush()
    return [json.loads(line) for line in out.buffer.getvalue().splitlines()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", [*QUICK, *SLOW])
def test_every_answer_is_right(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "made.pcapng"
    save(path, batch(list(range(1_000 + seed * _EACH, 1_000 + (seed + 1) * _EACH))).records)
    with contextlib.redirect_stderr(io.StringIO()):
        lesson = Reading([str(path)]).lesson
    records = {verb: printed(path, verb) for verb in ("packets", "list", "streams")}
    for question in offered(lesson):
        text = quiz.question(question, 1, 1, True, 80, Paint(False)) + quiz.verdict(question, True, 80, Paint(False))
        assert max(map(cell_width, text.splitlines())) <= 80, text
        if question.kind in RULES:
            continue
        packets = [row for row in records["packets"] if row["stream"] == question.stream]
        exchanges = [row for row in records["list"] if row["stream"] == question.stream and row["request"]]
        right = list(expected(question, packets, exchanges, records["streams"][question.stream]))
        assert said(question) in [pytest.approx(one) if isinstance(one, float) else one for one in right], text
    for talk in lesson.talks:
        sheet = build(talk, "made", seed)
        assert page.html(sheet, key=True)
        assert "<" not in page.markdown(sheet)
