"""Every block of code on every page runs, as the page serves it, against a gateway.

Only the placeholder for the key is replaced: address and models are already those of
the gateway. What is not run says why, and is counted below.
"""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.catalogs import main_catalog
from tests.support.gateway_process import BIN, Gateway
from tests.support.new_api_shop import NewApiShop, token, user
from tests.system.documentation.snippets import TOOLCHAINS, Runner, Snippet, snippets
from yiyuan.documentation.content.sources import page_names

LANGUAGES = ("en", "zh")
PLACEHOLDER = "sk-your-api-key"
THEIR_KEY = "Qy7mK2pXv9Rw4TzL8cNbJ3hGfD6sA1eU0iOy5MkPqVxBnWrT"
ELSEWHERE = {
    "runbook": "tests/system/documentation/test_runbook.py",
    "guarantees": "tests/system/documentation/test_runbook.py",
    "many-nodes": "tests/system/documentation/test_runbook.py",
    "local-model": "tests/clients/programs/test_local_model.py",
}
"""Pages whose commands are for a moment of trouble, and where they are checked."""
OPERATORS = [
    name for name in page_names() if name.startswith("self-hosting") or name == "reference/budgets"
]
SHOWS_ERRORS = {"errors"}
"""Pages whose programs are about refusals."""
ERROR = re.compile(r'"error": ?\{')
NOT_RUN = {
    "console": 3,
    "sdks": 3,
    "self-hosting": 3,
    "many-nodes": 3,
    "self-hosting/containers": 2,
    "self-hosting/one-line": 3,
    "self-hosting/kubernetes": 2,
    "payments": 1,
    "self-hosting/mail-and-sign-up": 2,
    "self-hosting/sign-in-services": 2,
    "self-hosting/databases": 1,
    "self-hosting/deployment": 5,
    "ai-apps/aider": 3,
    "ai-apps/anthropic-sdk": 1,
    "ai-apps/claude-code": 2,
    "ai-apps/cline": 3,
    "ai-apps/codex": 2,
    "ai-apps/gemini-cli": 2,
    "ai-apps/langchain": 4,
    "ai-apps/llm": 4,
    "ai-apps/lobechat": 1,
    "ai-apps/nextchat": 1,
    "ai-apps/open-webui": 1,
    "ai-apps/openai-sdk": 1,
}
"""How many blocks of each page are not run; more need a better reason than this number."""


def is_for_customers(name: str) -> bool:
    """Whether a page's snippets are what customers send; the operator's are run below."""
    return name not in ELSEWHERE and name not in OPERATORS


def served(origin: str, language: str, name: str) -> str:
    """A page's Markdown as readers get it."""
    answer = wire.call(origin, "GET", f"/docs/{language}/{name}.md")
    assert answer.status == 200, answer.body
    return answer.body.decode()


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    running = Runner(tmp_path_factory.mktemp("snippets"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def reader(gateway):
    """Somebody with enough money for all pages."""
    return gateway.customer(balance=10_000_000_000)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in page_names() if is_for_customers(name)])
def test_every_snippet_runs(name: str, language: str, gateway, reader, runner) -> None:
    for number, snippet in enumerate(snippets(served(gateway.origin, language, name)), 1):
        if snippet.reason is None and snippet.language not in TOOLCHAINS:
            check(snippet, f"{language}/{name}, block {number}", name, reader.key, runner)


@pytest.mark.parametrize("kind", TOOLCHAINS)
def test_a_program_of_each_other_language_runs(kind: str, gateway, reader, runner) -> None:
    """Both pages have the same program, so one run is enough; a first build takes a while."""
    tool = TOOLCHAINS[kind][1][0]
    if shutil.which(tool) is None:
        pytest.skip(f"there is no {tool} here to run the first request in {kind}")
    texts = [served(gateway.origin, language, "first-request") for language in LANGUAGES]
    programs = [[each for each in snippets(text) if each.language == kind] for text in texts]
    assert programs[0] == programs[1]
    assert len(programs[0]) == 1
    check(programs[0][0], f"first-request in {kind}", "first-request", reader.key, runner)


def check(snippet: Snippet, where: str, name: str, key: str, runner: Runner) -> None:
    """Run one block, and look at what it said."""
    mine = Snippet(
        snippet.language, snippet.tab, snippet.code.replace(PLACEHOLDER, key), snippet.reason
    )
    said = runner.run(mine)
    if said is None:
        return
    assert said.code == 0, f"{where}:\n{said.stdout}\n{said.stderr}"
    assert said.stderr == "", f"{where}:\n{said.stderr}"
    if name in SHOWS_ERRORS:
        assert "model_not_found" in said.stdout, where
    else:
        assert not ERROR.search(said.stdout), f"{where}:\n{said.stdout}"
    if snippet.tab:
        assert said.stdout.strip(), f"{where} prints nothing"


@pytest.mark.parametrize("name", page_names())
def test_what_is_not_run_is_counted_and_says_why(name: str, gateway) -> None:
    counts = Counter()
    for language in LANGUAGES:
        for snippet in snippets(served(gateway.origin, language, name)):
            if snippet.reason is not None:
                assert len(snippet.reason) > 10
                counts[language] += 1
    assert counts["en"] == counts["zh"] == NOT_RUN.get(name, 0)


@pytest.mark.parametrize("name", page_names())
def test_both_languages_run_the_same(name: str, gateway) -> None:
    kinds = [
        [(each.language, each.tab) for each in snippets(served(gateway.origin, language, name))]
        for language in LANGUAGES
    ]
    assert kinds[0] == kinds[1]


def test_a_snippet_with_the_placeholder_left_in_is_told_so(gateway, runner) -> None:
    page = served(gateway.origin, "en", "index")
    for snippet in snippets(page):
        if snippet.tab:
            said = runner.run(snippet)
            assert said is None or "placeholder" in said.stdout + said.stderr, snippet.tab


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OPERATORS)
def test_the_operator_s_snippets_run_in_one_shell(name, language, tmp_path, cli, upstream) -> None:
    """In the order of the page, beside a running server on a home of its own."""
    make_their_shop(tmp_path)
    with Gateway(tmp_path / "home", cli) as gateway:
        token_id = ""
        if name == "reference/budgets":
            gateway.apply(main_catalog(upstream))
            gateway.cli("account", "create", "alice")
            token_id = gateway.cli("token", "create", "mine", "--account", "alice")["id"]
        gateway.start()
        lines = ["set -euo pipefail", f"export YIYUAN_HOME={gateway.home}"]
        for snippet in snippets(served(gateway.origin, language, name)):
            if snippet.reason is None:
                lines += as_shell(snippet)
        done = subprocess.run(
            ["bash"],
            input="\n".join(lines)
            .replace("https://gateway.example", gateway.origin)
            .replace("tok_…", token_id),
            cwd=tmp_path,
            env=gateway.environment | {"PATH": f"{BIN}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=110,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        if name == "self-hosting/migrating":
            look_at_what_moved(gateway)


def as_shell(snippet: Snippet) -> list[str]:
    """A block as lines of a script; a file is written where its first line names one."""
    text = snippet.code.rstrip("\n")
    named = re.match(r"# (\S+\.toml)\n", text)
    match snippet.language:
        case "sh":
            return text.replace("sk-…", "upkey-1").splitlines()
        case "python":
            return ["python - <<'END'", text, "END"] * 2  # to run it again changes nothing
        case "toml" if named is not None:
            return [f"cat > {named[1]} <<'END'", text, "END"]
        case _:
            return []


def make_their_shop(folder: Path) -> None:
    """A shop as the page has it: its database, and its answers."""
    shop = NewApiShop(folder / "old.db")
    shop.add("users", user(1, "root", role=100), user(2, "mei", quota=750_000))
    shop.add("tokens", token(1, 2, key=THEIR_KEY), token(2, 2, status=2))
    shop.add("channels", {"id": 1, "key": "sk-up", "name": "main", "models": "gpt-4o"})
    option = {"success": True, "data": [{"key": "ModelRatio", "value": '{"gpt-4o": 1.25}'}]}
    (folder / "option.json").write_text(json.dumps(option))
    pricing = {"data": [{"model_name": "gpt-4o", "quota_type": 0, "completion_ratio": 4}]}
    (folder / "pricing.json").write_text(json.dumps(pricing))


def look_at_what_moved(gateway: Gateway) -> None:
    """Balances are there once, and the key that was enabled works as it is."""
    assert gateway.cli("account", "show", "mei")["balance"] == 750_000 * 15
    answer = wire.call(gateway.origin, "GET", "/v1/key", key=f"sk-{THEIR_KEY}")
    assert answer.json()["account"]["balance"] == 750_000 * 15
