"""The seed page's examples as its readers run them, and its `fetch` from a page elsewhere."""

import sys

import pytest

from tests.clients.programs.seen import charged
from tests.clients.sdks.foreign_page import in_browser
from tests.support.upstreams.behaviour import WORD
from tests.system.public_api.test_seed_examples import run, substituted

LISTENING = """
const said = [];
console.log = (value) => said.push(value);
console.error = console.log;
%s
while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
return said;
"""


@pytest.mark.checks("snippets", "OTHERS 4")
@pytest.mark.parametrize("language", ["Python", "cURL"])
def test_in_a_shell(gateway, customer, language):
    command = [sys.executable, "-c"] if language == "Python" else ["/bin/sh", "-c"]
    done = run([*command, substituted(language, gateway, customer.key)])
    assert done.returncode == 0, done
    assert WORD * 100 in done.stdout
    assert len(charged(customer)) == 1


@pytest.mark.checks("snippets", "OTHERS 4")
def test_from_another_origin(gateway, customer):
    """The browser asks first whether it may, and lets the page read the answer."""
    script = LISTENING % substituted("JavaScript", gateway, customer.key)
    (said,) = in_browser(script, None)
    assert said["choices"][0]["text"] == WORD * 100
    assert len(charged(customer)) == 1
