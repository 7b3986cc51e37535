"""Fixtures for tests of real clients: installed once a run, each with a home of its own."""

import pathlib

import pytest

from tests.clients.programs.clients import CLIENTS
from tests.clients.programs.installing import WHY_NOT, Folder, attempt
from tests.support.gateway_process import clean_environment


@pytest.fixture(scope="session")
def installed():
    """`installed("cline")` is the client's folder; skips where it could not be installed."""

    def folder(name: str) -> Folder:
        found = attempt(CLIENTS[name])
        if found is None:
            pytest.skip(f"{name} could not be installed: {WHY_NOT[name]}")
        return found

    return folder


def private_environment(home: pathlib.Path) -> dict[str, str]:
    """An environment with a home of its own, so that nothing of the machine's leaks in."""
    return clean_environment(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        XDG_DATA_HOME=str(home / ".local"),
        XDG_CACHE_HOME=str(home / ".cache"),
        NO_PROXY="127.0.0.1,localhost",
        DO_NOT_TRACK="1",
    )


@pytest.fixture
def own_home(tmp_path):
    """The environment of one test's client."""
    home = tmp_path / "client-home"
    home.mkdir()
    return private_environment(home)
