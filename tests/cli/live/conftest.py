from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import network
from tests.programs import IN_EARNEST, need


@pytest.fixture(scope="package")
def wires() -> Iterator[network.Network]:
    """Two namespaces with a wire between them."""
    for program in ("nginx", "curl", "wrk", "ip"):
        need(program)
    if not network.possible():
        if IN_EARNEST:
            pytest.fail("no network namespaces here, and CI=true")
        pytest.skip("network namespaces need root")
    with network.network() as net:
        yield net


@pytest.fixture(scope="package")
def web(wires: network.Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[network.WebServer]:
    """nginx behind the wire."""
    folder: Path = tmp_path_factory.mktemp("web")
    with network.web_server(wires, folder) as server:
        yield server
