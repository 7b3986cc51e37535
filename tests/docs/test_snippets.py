"""Every block of code on every page runs, as the page serves it, against a gateway.

Only the placeholder for the key is replaced: address and models are already those of
the gateway. What is not run says why, and is counted below.
"""

import re
from collections import Counter

import pytest

from tests import wire
from tests.docs.snippets import Runner, Snippet, snippets
from yiyuan.documentation.sources import page_names

LANGUAGES = ("en", "zh")
PLACEHOLDER = "sk-your-api-key"
ELSEWHERE = {
    "runbook": "tests/docs/test_runbook.py",
    "guarantees": "tests/docs/test_runbook.py",
    "many-nodes": "tests/docs/test_runbook.py",
    "local-model": "tests/real_clients/test_local_model.py",
}
"""Pages whose commands are for a moment of trouble, and where they are checked."""
SHOWS_ERRORS = {"errors"}
"""Pages whose programs are about refusals."""
ERROR = re.compile(r'"error": ?\{')
NOT_RUN = {
    "sdks": 3,
    "ai-apps/aider": 3,
    "ai-apps/anthropic-sdk": 1,
    "ai-apps/claude-code": 2,
    "ai-apps/cline": 3,
    "ai-apps/codex": 2,
    "ai-apps/langchain": 4,
    "ai-apps/llm": 4,
    "ai-apps/nextchat": 1,
    "ai-apps/open-webui": 1,
    "ai-apps/openai-sdk": 1,
}
"""How many blocks of each page are not run; more need a better reason than this number."""


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
@pytest.mark.parametrize("name", [name for name in page_names() if name not in ELSEWHERE])
def test_every_snippet_runs(name: str, language: str, gateway, reader, runner) -> None:
    for number, snippet in enumerate(snippets(served(gateway.origin, language, name)), 1):
        if snippet.reason is None:
            check(snippet, f"{language}/{name}, block {number}", name, reader.key, runner)


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
