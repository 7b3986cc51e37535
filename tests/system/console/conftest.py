"""A browser for each file of tests; it is closed with it, since its loop allows no other."""

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.system.console.chromium import ARGUMENTS, NoBrowser, executable
from tests.system.console.screen import Screen


@pytest.fixture(scope="module")
def browser():
    """A real Chromium."""
    try:
        path = executable()
    except NoBrowser as reason:
        pytest.skip(str(reason))
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as reason:
            pytest.skip(f"{path} does not start: {reason.message[:300]}")
        yield running
        running.close()


@pytest.fixture
def screen(browser, gateway):
    """Opens pages of the shared gateway; at the end nothing foreign may have been asked."""
    with Screen(browser, gateway.origin) as opened:
        yield opened
        opened.check()
