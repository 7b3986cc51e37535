"""Every asynchronous test here runs on asyncio's own loop and on uvloop: both are supported."""

import asyncio

import pytest
import uvloop

from tests.unit.http.client.raw_server import NO_TLS
from yiyuan.http.client.client import Client


def pytest_asyncio_loop_factories():
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def client():
    client = Client(ssl_context=NO_TLS)
    yield client
    client.close()
    await asyncio.sleep(0)
