"""The browser of the console's tests, for the documentation's pages too."""

from tests.system.console.conftest import browser, screen

__all__ = ["browser", "screen"]
