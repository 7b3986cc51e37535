"""The status page in a browser: both languages, light and dark, a phone, keys, no scripts."""

import pytest

from tests.support.waiting import wait_for
from tests.system.console.screen import PHONE, overflows, violations
from yiyuan.documentation.content.status_words import STATUS_WORDS
from yiyuan.documentation.rendering.status_page import status_notice, status_page

FIRST = "2026-11-28T13:00:00.000Z"
DOCUMENT = {
    "state": "many_errors",
    "updated": "2026-12-01T12:34:56.000Z",
    "first_hour": FIRST,
    "models": [
        {"name": "gpt-4", "state": "ok", "day": 100.0, "week": 99.9, "hours": [100] * 72},
        {
            "name": "<i>odd</i>",
            "state": "many_errors",
            "day": 66.6,
            "week": None,
            "hours": [None] * 69 + [95, 66, 100],
        },
    ],
    "incidents": [],
}


def test_both_languages_have_the_same_words() -> None:
    english, chinese = STATUS_WORDS["en"], STATUS_WORDS["zh"]
    assert english.keys() == chinese.keys()
    assert [key for key in english if english[key] == chinese[key]] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_the_document_says(language) -> None:
    text = status_page(DOCUMENT, language, "https://gateway.example")
    words = STATUS_WORDS[language]
    assert words["now_many_errors"] in text
    assert "<i>odd" not in text
    assert "&lt;i&gt;odd&lt;/i&gt;" in text
    assert text.count('<i class="a" title=') == 73
    assert text.count('<i class="d" title=') == 69
    assert "<td>12-01 11:00</td><td>66 %</td>" in text, "the hour of 66 %, and none of 100 %"
    assert text.count("<td>") == 4
    assert words["away_text"] in status_notice("away", language, "https://gateway.example")


@pytest.fixture
def incident(gateway):
    """One that lasts."""
    made = gateway.cli(
        *("incident", "create", "Slow answers", "--title-zh", "应答缓慢"),
        *("--models", "gpt-4", "--text", "We look into it.\nMore soon."),
    )
    yield made
    gateway.cli("incident", "remove", made["id"])


@pytest.mark.parametrize(
    ("language", "scheme", "viewport"),
    [("en", "light", None), ("zh", "dark", None), ("zh", "light", PHONE), ("en", "dark", PHONE)],
)
def test_axe_finds_nothing_and_nothing_is_cut(
    language, scheme, viewport, screen, gateway, customer, incident
) -> None:
    ask = {"model": "gpt-4", "messages": [{"role": "user", "content": "hello"}]}
    assert customer.post("/v1/chat/completions", ask).status == 200
    page = screen.context(scheme=scheme, viewport=viewport).new_page()
    address = f"{screen.origin}/status?lang={language}"
    title = incident["title_zh" if language == "zh" else "title"]
    wait_for(
        lambda: page.goto(address) and page.get_by_role("heading", name=title).count(),
        timeout=20,
        what="the incident",
    )
    assert violations(page) == []
    assert not overflows(page)
    assert page.locator(".strip").first.get_attribute("aria-label")


def test_it_needs_no_scripts_and_leads_to_the_other_language(screen, incident) -> None:
    page = screen.context(java_script_enabled=False).new_page()
    page.goto(f"{screen.origin}/status?lang=en")
    assert page.locator(".models li").count() > 0
    page.locator(".switch").click()
    page.wait_for_url("**/status?lang=zh")
    assert page.get_by_role("heading", name="服务状态").is_visible()


def test_the_documentation_leads_to_it(screen) -> None:
    page = screen.context().new_page()
    page.goto(f"{screen.origin}/docs/en/")
    page.get_by_role("contentinfo").get_by_role("link", name="Status").click()
    page.wait_for_url("**/status")
    assert page.get_by_role("heading", level=1).is_visible()
