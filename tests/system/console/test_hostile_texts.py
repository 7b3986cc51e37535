"""Texts that would be code elsewhere are only shown, and secrets are shown by nobody.

Names of tokens, accounts and models, reasons and referrers carry what has run in other
consoles; each page is opened with them there, and a canary that any of it would call
stays silent. Then everything that the pages asked for is searched for secrets.
"""

import pytest

from tests.support.catalogs import OPENAI_KEY, model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import Customer, running_gateway
from tests.system.console import routes
from tests.system.console.screen import Screen, go, settle
from tests.system.console.shop import PASSWORD, ask, fragment_of

CORPUS = [
    "<script>canary()</script>",
    "<img src=x onerror=canary()>",
    "\"'><svg onload=canary()>",
    "javascript:canary()",
    "{{constructor.constructor('canary()')()}}",
    "</title><script>canary()</script>",
]
MODEL = "<img/src=x/onerror=canary()>"
"""A model's name has no spaces."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def hostile(upstream, cli, tmp_path_factory, browser):
    """A shop whose every text is an attack; the operator's cookies, and all its secrets."""
    catalog = openai_channel(upstream, {"m": "up", MODEL: "up"})
    catalog += model("m", {"input": "1", "output": "1"})
    catalog += model(MODEL, {"input": "1", "output": "1"})
    home = tmp_path_factory.mktemp("hostile") / "home"
    with running_gateway(home, cli, catalog) as gateway:
        context = browser.new_context()
        link = fragment_of(gateway.cli("operator", "link")["url"])
        body = {"link": link, "email": "ada@example.com", "password": PASSWORD, "language": None}
        me = ask(context, gateway.origin, "POST", "/api/setup", body)
        account = me["account"]
        keys = []
        for number, text in enumerate(CORPUS):
            gateway.cli("account", "create", text)
            reason = ("--reason", text, "--key", f"k{number}")
            gateway.cli("account", "credit", account, "1000000", *reason)
            customer = Customer(gateway, account, "", "", "").token(text)
            keys.append(customer.key)
            body = CHAT.body("m", f"prompt-canary {text}", 20)
            assert customer.post(CHAT.path, body, referer=text, user_agent=text).status == 200
        ask(context, gateway.origin, "PUT", "/api/operator/settings/notice", {"value": CORPUS[0]})
        yield gateway, context.storage_state(), account, [*keys, link]
        context.close()


def test_nothing_runs_and_no_secret_is_shown(hostile, browser) -> None:
    gateway, state, account, keys = hostile
    ran: list[str] = []
    seen: list[tuple[str, str]] = []
    with Screen(browser, gateway.origin) as screen:
        context = screen.context(storage_state=state)
        context.expose_function("canary", lambda: ran.append("it ran"))
        page = context.new_page()
        page.on("dialog", lambda dialog: ran.append(dialog.message) or dialog.dismiss())
        answers: list = []
        page.on("response", lambda answer: "/api/" in answer.url and answers.append(answer))
        for path in (*routes.ALL, f"/operator/accounts/{account}"):
            go(page, gateway.origin, path, "en")
            settle(page)
            seen.append((path, page.content()))
            seen += [(answer.url, answer.text()) for answer in answers]
            answers.clear()
        assert page.locator("text=<script>canary()</script>").count(), "the notice is shown as text"
        screen.check()
    assert not ran
    words = "\n".join(text for _, text in seen)
    assert "onerror" in words, "the corpus is there"
    for secret in (*keys, OPENAI_KEY, PASSWORD, "prompt-canary"):
        places = [place for place, text in seen if secret in text]
        assert not places, f"{secret[:12]}… is shown"
