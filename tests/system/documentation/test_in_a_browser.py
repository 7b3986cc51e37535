"""The pages in a real Chromium: what axe finds, keys, tabs, copying, themes, search, no scripts."""

import pytest

from tests.system.console.screen import PHONE, TABLET, overflows, violations
from tests.system.console_api.person import invited
from yiyuan.documentation.content.sources import page_names, page_path

PATHS = ["/?lang=en", *(page_path("en", name) for name in page_names())]


def open_page(screen, path: str, **how):
    """A page of the site in a fresh profile."""
    page = screen.context(**how).new_page()
    page.goto(screen.origin + path)
    return page


WAYS = [("en", "light", None), ("zh", "dark", None), ("zh", "light", PHONE), ("en", "dark", PHONE)]
ALWAYS = ["/?lang=en", "/docs/en/", "/docs/en/limits"]
"""Pages that are looked at every way; the others take turns."""


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_axe_finds_nothing(way, screen) -> None:
    """In both languages, light and dark, wide and narrow; none is wider than the screen."""
    language, scheme, viewport = WAYS[way]
    page = open_page(screen, "/docs/en/", scheme=scheme, viewport=viewport)
    found = []
    for path in dict.fromkeys([*ALWAYS, *PATHS[way :: len(WAYS)]]):
        own = path.replace("/docs/en", f"/docs/{language}").replace("lang=en", f"lang={language}")
        page.goto(screen.origin + own)
        found += [f"{own}: {each}" for each in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{own}: wider than the screen")
    assert not found, "\n".join(found)


def test_tabs_are_remembered_and_follow_each_other(screen) -> None:
    page = open_page(screen, "/docs/en/chat")
    page.get_by_role("tab", name="cURL").first.click()
    page.goto(screen.origin + "/docs/zh/completions")
    chosen = page.get_by_role("tab", selected=True)
    assert chosen.all_inner_texts() == ["cURL"]
    chosen.first.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "JavaScript · fetch"
    assert page.locator(".panel:visible").count() == 1


def test_copying_says_that_it_was_done(screen) -> None:
    page = open_page(
        screen, "/docs/zh/first-request", permissions=["clipboard-read", "clipboard-write"]
    )
    page.locator(".panel:visible .copy").first.click()
    page.get_by_text("已复制", exact=True).first.wait_for()
    page.locator(".announce", has_text="已复制").wait_for(state="attached")
    assert "requests.post(" in page.evaluate("navigator.clipboard.readText()")


def test_the_search_is_opened_used_and_left_by_keys(screen) -> None:
    page = open_page(screen, "/docs/zh/")
    page.keyboard.press("Control+k")
    page.keyboard.type("预扣费用")
    page.locator("dialog li:first-child a[href*=billing]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs/zh/billing**")
    page.keyboard.press("Control+k")
    page.keyboard.type("rate_limit_exceeded")
    page.locator("dialog li:first-child a[href*=errors]").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()


def test_the_theme_is_kept(screen) -> None:
    page = open_page(screen, "/docs/en/", scheme="light")
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator(".theme").click()
    page.goto(screen.origin + "/")
    after = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert before != after


def test_the_first_key_leads_to_the_text(screen) -> None:
    page = open_page(screen, "/docs/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_language_switch_keeps_the_section(screen) -> None:
    page = open_page(screen, "/docs/en/billing#the-unit")
    page.locator(".switch").click()
    page.wait_for_url("**/docs/zh/billing#the-unit")
    assert page.locator("#the-unit").inner_text().startswith("单位")


def test_everything_can_be_read_without_scripts(screen) -> None:
    page = open_page(screen, "/docs/en/first-request", java_script_enabled=False)
    assert page.locator(".panel:visible").count() == page.locator(".panel").count() > 4
    assert page.locator(".caption").first.is_visible()
    assert page.get_by_role("button", name="Search").count() == 0


@pytest.mark.parametrize("path", ["/docs/en/limits", "/docs/zh/"])
def test_a_reader_who_is_signed_in_sees_their_own_limits(path, screen, gateway, customer) -> None:
    """Nobody else does, and nobody is sent anywhere for it."""
    person = invited(gateway, customer.name, f"{customer.name}@example.com")
    page = screen.context().new_page()
    with page.expect_response("**/api/session") as asked:
        page.goto(screen.origin + path)
    assert asked.value.status == 401
    assert page.locator(".own").count() == 0
    page.context.add_cookies(
        [{"name": c.name, "value": c.value, "url": screen.origin} for c in person.http.cookies]
    )
    page.reload()
    page.locator("tr", has_text="gpt-3.5-turbo").locator(".own").wait_for()
    assert page.locator("tr", has_text="gpt-3.5-turbo").locator(".own").inner_text() == "3,500"


def test_paper_is_white_and_shows_every_tab(screen) -> None:
    page = open_page(screen, "/docs/en/first-request", scheme="dark")
    page.locator(".snippet.ready").first.wait_for()
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "['color', 'backgroundColor'].map((n) => getComputedStyle(document.documentElement)[n])"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator(".panel:visible").count() == page.locator(".panel").count()
    assert page.locator(".top").is_hidden()


SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) sum += each.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


@pytest.mark.parametrize("tab", ["", "curl", "csharp"])
def test_nothing_jumps_on_a_phone(tab, screen) -> None:
    """The sum of Chromium's layout shifts while a page is laid out, with and without a tab kept."""
    page = open_page(screen, "/docs/en/", viewport=PHONE)
    page.evaluate("tab => tab && localStorage.setItem('tab', tab)", tab)
    for name in ("first-request", "chat", "models", "limits"):
        page.goto(f"{screen.origin}/docs/zh/{name}")
        page.locator(".contents details.settled").wait_for()
        assert page.evaluate(SHIFT) <= 0.1, name


def test_an_address_without_a_language_leads_to_the_reader_s(screen) -> None:
    for locale, language in (("zh-CN", "zh"), ("en-GB", "en")):
        page = open_page(screen, "/docs/ai-apps/cline", locale=locale)
        assert page.url.endswith(f"/docs/{language}/ai-apps/cline")
    page = open_page(screen, "/docs/index", locale="en-GB")
    assert page.url.endswith("/docs/en/")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_is_wider_than_a_tablet(language, screen) -> None:
    page = open_page(screen, f"/docs/{language}/", viewport=TABLET)
    wide = []
    for name in page_names():
        page.goto(screen.origin + page_path(language, name))
        if overflows(page):
            wide.append(name)
    assert wide == []
