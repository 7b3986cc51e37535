"""Every id of the clients' checklists has a test, and the frame that runs clients holds."""

import ast
import os
import subprocess
import sys
import tomllib

import pytest

from tests.clients.programs import results
from tests.clients.programs.checklists import all_ids
from tests.clients.programs.clients import CLIENTS, Client
from tests.clients.programs.installing import NotInstalled, install, run_bounded
from tests.project.tidy.tree import ROOT, dotted, files, tree_of

FOLDERS = ("tests/clients/sdks/", "tests/clients/programs/")
OPENAI = CLIENTS["openai-python"]


def claims() -> set[tuple[str, ...]]:
    """What the marks `checks(CLIENT, ID, …)` of all tests of clients say."""
    return {
        tuple(argument.value for argument in node.args)
        for folder in FOLDERS
        for path in files(".py", under=folder)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "pytest.mark.checks"
    }


def test_every_id_has_a_test():
    claimed = {check for _, *checks in claims() for check in checks}
    assert claimed - all_ids() == set(), "no checklist has these"
    assert all_ids() - claimed == set(), "write tests that claim these"


def test_every_claim_names_a_known_client():
    assert {client for client, *_ in claims()} <= CLIENTS.keys()


def test_what_takes_too_long_is_not_installed():
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(NotInstalled, match="more than 1 seconds"):
        run_bounded(sleeping, None, 1)


def test_what_a_registry_does_not_give_is_not_installed(tmp_path, monkeypatch):
    """A registry at a port that nobody listens on, or no npm at all."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(NotInstalled, match="npm"):
        install(Client("nothing", "nothing", "1.0.0", "npm"), tmp_path)
    assert not (tmp_path / "nothing" / "installed").exists()


def test_an_id_is_as_bad_as_its_worst_test():
    found: results.Results = {}
    results.add(found, OPENAI.name, ("SDK 1",), "passed")
    results.add(found, OPENAI.name, ("SDK 1", "SDK 2"), "failed")
    results.add(found, OPENAI.name, ("SDK 1", "SDK 2", "SDK 3"), "passed")
    assert found == {OPENAI.name: {"SDK 1": "failed", "SDK 2": "failed", "SDK 3": "passed"}}


def test_what_was_not_installed_keeps_its_earlier_result(tmp_path):
    file = tmp_path / "results.toml"
    results.write({"cline": {"CLI-CLINE 1": "passed", "CLI-CLINE 2": "failed"}}, "2026-01-01", file)
    results.write({"cline": {"CLI-CLINE 1": results.NOT_INSTALLED}}, "2026-01-02", file)
    (entry,) = tomllib.loads(file.read_text())["client"]
    assert (entry["name"], entry["verified_on"]) == ("cline", "2026-01-01")
    results.write({"cline": {"CLI-CLINE 2": "passed"}}, "2026-01-03", file)
    (entry,) = tomllib.loads(file.read_text())["client"]
    assert entry["verified_on"] == "2026-01-03"
    assert [check["result"] for check in entry["checks"]] == ["passed", "passed"]


def test_clients_of_one_page_share_an_entry(tmp_path):
    file = tmp_path / "results.toml"
    found = {"openai-python": {"SDK 1": "passed"}, "openai-node": {"SDK 1": "failed"}}
    results.write(found, "2026-01-01", file)
    (entry,) = tomllib.loads(file.read_text())["client"]
    assert (entry["name"], entry["checks"]) == ("openai-sdk", [{"id": "SDK 1", "result": "failed"}])
    assert "openai-python" in entry["version"]
    assert "openai-node" in entry["version"]


RUN = """
import pytest
from tests.clients.programs.fixtures import installed
from tests.clients.programs.clients import CLIENTS
from tests.clients.programs.installing import WHY_NOT

@pytest.mark.checks("cline", "CLI-CLINE 1")
def test_passes(): pass

@pytest.mark.checks("cline", "CLI-CLINE 2")
def test_fails(): assert False

@pytest.mark.checks("codex", "CODEX 1")
def test_needs_codex(installed): installed("codex")

@pytest.mark.checks("llm", "OTHERS 2")
def test_of_a_client_not_asked_for(): assert False

def test_that_answers_for_nothing(): assert False
"""


def test_a_run_tells_failed_from_not_installed(tmp_path, monkeypatch):
    """The whole frame, on a folder of its own and a search path without any npm."""
    (tmp_path / "test_run.py").write_text(RUN)
    file = tmp_path / "results.toml"
    monkeypatch.setenv("YIYUAN_TEST_CLIENTS_FOLDER", str(tmp_path / "clients"))
    monkeypatch.setenv("PATH", str(tmp_path))
    options = ["-p", "tests.clients.programs.report", "--clients", "cline codex", "-c", os.devnull]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--results={file}", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1, done.stdout
    assert "cline 3.0.65: CLI-CLINE 1 passed, CLI-CLINE 2 failed" in done.stdout
    assert "codex could not be installed: there is no npm on this machine" in done.stdout
    (entry,) = tomllib.loads(file.read_text())["client"]
    assert [check["result"] for check in entry["checks"]] == ["passed", "failed"]
