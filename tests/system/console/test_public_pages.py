"""Pages for people who are not signed in: readable for everybody, in every dress."""

import pytest

from tests.system.console.screen import PHONE, WIDE, overflows, violations

# Language, colour scheme and width in pairs: any two values meet in one of these.
DRESSES = [
    ("zh", "light", WIDE),
    ("en", "dark", WIDE),
    ("zh", "dark", PHONE),
    ("en", "light", PHONE),
]
PAGES = ["/sign-in", "/sign-up", "/setup", "/setup#nonsense", "/join#nonsense"]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(screen, path) -> None:
    for language, scheme, viewport in DRESSES:
        page = screen.open(path, language=language, scheme=scheme, viewport=viewport)
        where = f"{path} {language} {scheme} {viewport['width']}"
        assert violations(page) == [], where
        assert not overflows(page), where
        assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]


def test_switches_change_the_page_at_once(screen) -> None:
    page = screen.open("/sign-in")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="登录").wait_for()
    assert page.title().startswith("登录")
    page.get_by_role("button", name="切换到深色").press("Enter")
    assert page.locator("html").get_attribute("data-mantine-color-scheme") == "dark"
    page.reload()
    page.get_by_role("heading", name="登录").wait_for()


def test_a_wrong_password_is_told_and_a_page_behind_is_asked_for_again(screen) -> None:
    page = screen.open("/tokens")
    page.get_by_role("heading", name="Sign in").wait_for()
    assert "next=" in page.url
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").filter(has_text="Incorrect e-mail or password").wait_for()
    assert violations(page) == []
