"""A server that is ready holds no library that only few shops, or few moments, need."""

import subprocess
import sys

import pytest

LISTING = """
import sys
import yiyuan.__main__, yiyuan.app.process
print(*sys.modules, sep="\\n")
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a process that is about to serve, with its commands and console."""
    told = subprocess.run(
        [sys.executable, "-c", LISTING], check=True, timeout=120, capture_output=True, text=True
    )
    return set(told.stdout.split())


@pytest.mark.parametrize("library", ["asyncpg", "pymysql", "cryptography.x509", "segno"])
def test_a_library_comes_when_it_is_needed(loaded: set[str], library: str):
    assert library not in loaded


def test_what_every_request_needs_is_there(loaded: set[str]):
    assert {"uvloop", "msgspec", "sqlite3", "yiyuan.gateway.relay"} <= loaded
