import pytest

from httptrace import lang
from tests.cli.command import Command


@pytest.fixture
def httptrace(capfdbinary, monkeypatch):
    """Run a command: `httptrace("list", "first-page.pcap")`."""
    yield Command(capfdbinary, monkeypatch)
    lang.use("en")
