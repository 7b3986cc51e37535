"""The three examples of the seed page, as printed: only address and key are replaced.

The page lost its line ends on the way; the fixture has them back. Unchanged
words are proved by comparing both without white space.
"""

import ast
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.support.upstreams.behaviour import WORD

PAGE = (pathlib.Path(__file__).parent / "fixtures" / "seed-page.txt").read_text()
ADDRESS = "https://api.1yuan.ai"
PLACEHOLDER = "您的词元密钥"


def example(language: str) -> str:
    """The code under one heading of the page."""
    headings = ["\nPython\n", "\nJavaScript\n", "\ncURL\n"]
    page = "\n" + PAGE
    heading = f"\n{language}\n"
    begin = page.index(heading) + len(heading)
    ends = [page.index(h) for h in headings if page.index(h) > begin]
    return page[begin : min(ends, default=None)].strip() + "\n"


def substituted(language: str, gateway, key: str) -> str:
    code = example(language)
    assert code.count(ADDRESS) == 1
    assert code.count(PLACEHOLDER) == 1
    return code.replace(ADDRESS, gateway.origin).replace(PLACEHOLDER, key)


def run(argv: list[str], *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=60)


def test_python(gateway, customer):
    done = run([sys.executable, "-c", substituted("Python", gateway, customer.key)])
    assert done.returncode == 0, done.stderr
    answer = ast.literal_eval(done.stdout)
    assert answer["model"] == "gpt-4"
    assert answer["choices"][0]["text"] == WORD * 100
    assert customer.balance == 1_000_000_000 - answer["usage"]["charge"]


def test_javascript(gateway, customer):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: JavaScript's fetch cannot be run here")
    done = run(
        [node, "--input-type=module", "-"], stdin=substituted("JavaScript", gateway, customer.key)
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "text_completion" in done.stdout
    assert customer.spent > 0


def test_curl(gateway, customer):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = substituted("cURL", gateway, customer.key).replace("curl ", "curl -sS --fail ", 1)
    done = run(["/bin/sh", "-c", command])
    assert done.returncode == 0, done.stderr
    assert '"object":"text_completion"' in done.stdout.replace(": ", ":")
    assert customer.spent > 0


def test_a_placeholder_left_in_says_so(gateway):
    done = run([sys.executable, "-c", example("Python").replace(ADDRESS, gateway.origin)])
    # requests cannot even send Chinese text in a header; cURL can.
    assert "Error" in done.stdout + done.stderr
    if shutil.which("curl"):
        command = example("cURL").replace(ADDRESS, gateway.origin)
        done = run(
            ["/bin/sh", "-c", command.replace("curl ", "curl -sS -H 'Accept-Language: zh' ", 1)]
        )
        assert '"invalid_api_key"' in done.stdout
        assert "占位" in done.stdout
