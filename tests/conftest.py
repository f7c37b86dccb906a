"""What all tests share."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest

# A runner that starts the tests in the background may hand them down an ignored SIGINT; tests of Ctrl-C need the usual.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _collector_of_many_runs() -> Iterator[None]:
    """A command freezes what is there when it begins, and has the collector look seldom (`cli/run.py`), for it is all
    that its process does. Here thousands run in one: what each leaves in circles would be frozen by the next for good,
    1.8 GB of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        patch.setattr(gc, "set_threshold", lambda *_thresholds: None)
        yield
