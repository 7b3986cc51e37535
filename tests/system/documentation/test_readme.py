"""The examples of both READMEs, run as printed, from top to bottom in one shell.

Only what cannot be the same here is replaced: the port, the tokens that a person
would paste, and the upstreams' addresses. `make …` lines are for the reader; what
they set up is what this test runs in.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.tidy.tree import ROOT
from tests.support.catalogs import ANTHROPIC_KEY, OPENAI_KEY
from tests.support.gateway_process import BIN, Gateway
from tests.support.waiting import wait_for

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
UPSTREAMS = ("https://api.openai.com", "https://api.anthropic.com", "http://127.0.0.1:11434")
READMES = ("README.md", "README.zh.md")


def blocks(readme: str) -> list[tuple[str, str]]:
    """Language and text of each block of code."""
    return BLOCK.findall((ROOT / readme).read_text())


def script(readme: str, gateway: Gateway, upstream: str, key: str) -> str:
    """One shell script of all blocks, in their order."""
    lines = ["set -euo pipefail", f"export YIYUAN_HOME={gateway.home}"]
    for language, text in blocks(readme):
        if language == "sh":
            lines += [line for line in text.splitlines() if not line.startswith("make ")]
        elif language == "python":
            lines += [".venv/bin/python - <<'END'", text, "END"]
        elif language == "toml":
            lines += [f"cat > {text.splitlines()[0].removeprefix('# ')} <<'END'", text, "END"]
    joined = "\n".join(lines)
    joined = joined.replace("KEY=sk-… ", f"KEY={OPENAI_KEY} ").replace("sk-ant-…", ANTHROPIC_KEY)
    joined = joined.replace("KEY=sk-…", f"KEY={key}")
    for address in UPSTREAMS:
        joined = joined.replace(address, upstream)
    return joined.replace("http://127.0.0.1:8000", gateway.origin)


@pytest.mark.parametrize("readme", READMES)
def test_the_examples_work(readme: str, tmp_path: Path, upstream, cli) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the first request of the README cannot be sent")
    (tmp_path / ".venv").symlink_to(BIN.parent)
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start("--starter")
        # It answers a moment before it greets.
        found = wait_for(lambda: re.search(r"Bearer (sk-[\w-]+)", gateway.said()), what="the key")
        text = script(readme, gateway, upstream.origin, found[1])
        assert "sk-…" not in text
        done = subprocess.run(
            ["bash"],
            input=text,
            cwd=tmp_path,
            env=gateway.environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout, "the first request is answered by the demo channel"
    assert "channel openai" in done.stdout
    assert "alice" in done.stdout
    assert "The ledger is right" in done.stdout


def test_both_readmes_show_the_same_examples() -> None:
    """Comments are translated; what is run is the same."""
    plain = [[(lang, re.sub(r" *#.*", "", text)) for lang, text in blocks(r)] for r in READMES]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("readme", READMES)
def test_the_figures_are_there(readme: str) -> None:
    """`make bench` writes the table, and the page that it leads to."""
    text = (ROOT / readme).read_text()
    table = text.partition("<!-- bench -->")[2].partition("<!-- end -->")[0]
    for gateway in ("nginx", "yiyuan, FULL", "yiyuan, NORMAL"):
        assert f"| {gateway} |" in table, "run make bench on a quiet machine"
    assert "](bench/results/" in table
