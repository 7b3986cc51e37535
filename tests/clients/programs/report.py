"""A pytest plugin (`-p tests.clients.programs.report`): collect results, print them, write them.

A test says with `@pytest.mark.checks("cline", "CLI-CLINE 1")` what it answers for. A test
skipped because its client could not be installed is told apart from one that failed.
"""

import pathlib
from datetime import UTC, datetime

import pytest

from tests.clients.programs import results
from tests.clients.programs.clients import CLIENTS, version_of
from tests.clients.programs.installing import WHY_NOT

FOUND = pytest.StashKey[results.Results]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--clients "cline codex"` runs these alone."""
    parser.addoption("--clients", default="", help="run the tests of these clients alone")
    parser.addoption("--results", default=str(results.FILE), help="where results are written")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep only what answers for a client, and only the clients asked for."""
    wanted = set(config.getoption("clients").split()) or set(CLIENTS)
    kept = [i for i in items if wanted & {mark.args[0] for mark in i.iter_markers("checks")}]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing."""
    config.stash[FOUND] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Note what one phase of a marked test showed."""
    report = yield
    if report.when == "call" or report.outcome != "passed":
        outcome = {"passed": "passed", "failed": "failed"}.get(
            report.outcome, results.NOT_INSTALLED
        )
        for mark in item.iter_markers("checks"):
            client, *checks = mark.args
            results.add(item.config.stash[FOUND], client, tuple(checks), outcome)
    return report


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """A line a client, then what could not be installed, and why."""
    found = config.stash[FOUND]
    terminalreporter.section("clients")
    for client in CLIENTS.values():
        if client.name in found:
            said = ", ".join(f"{c} {r}" for c, r in sorted(found[client.name].items()))
            terminalreporter.line(f"{client.name} {version_of(client)}: {said}")
    for name, reason in WHY_NOT.items():
        terminalreporter.line(f"{name} could not be installed: {reason}")
    if found:
        file = pathlib.Path(config.getoption("results"))
        results.write(found, datetime.now(UTC).date().isoformat(), file)
