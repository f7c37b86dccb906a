"""JSON in a page: the same value, and no character that could end its element."""

from __future__ import annotations

import json

import pytest

from httptrace.outputs.report.embedding import embedded
from tests.outputs.report.made import EVILS


@pytest.mark.parametrize("text", [*EVILS, "\u2028 \u2029", "a\\u003cb", '"\\', "三次握手", ""])
def test_it_is_the_same_value(text: str) -> None:
    value = {text: [text, 1, None, True, {"<": "&"}]}
    data = embedded(value)
    assert json.loads(data) == value
    assert not set("<>&\u2028\u2029") & set(data.decode())
