"""词元 is said in words on every page of the console that shows it."""

import pytest

from tests.system.console import routes
from tests.system.console.full_shop import open_full_shop
from tests.system.console.screen import Screen, go, settle

SHOWS = """() => {
  const gloss = document.querySelector('main [data-gloss]');
  const rest = [...document.querySelectorAll('main *')].filter(
    (each) => !gloss.contains(each)
      && [...each.childNodes].some(
        (node) => node.nodeType === 3 && /词元(?!密钥)/.test(node.data)),
  );
  return [rest.length > 0, !gloss.hidden];
}"""


@pytest.fixture(scope="module")
def full(browser, cli, tmp_path_factory):
    """A shop in which something has happened."""
    with open_full_shop(tmp_path_factory.mktemp("glossed"), cli, browser, days=1) as shop:
        yield shop


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_the_unit_stands_it_is_explained(language, full, browser) -> None:
    with Screen(browser, full.gateway.origin) as screen:
        page = screen.context(storage_state=full.state).new_page()
        shown = 0
        for path in routes.ALL:
            go(page, full.gateway.origin, path, language)
            settle(page)
            stands, is_explained = page.evaluate(SHOWS)
            if stands:
                page.locator("[data-gloss]").wait_for()
                shown += 1
            else:
                assert not is_explained, path
        assert shown >= 3
        text = page.evaluate("document.querySelector('[data-gloss]').textContent")
        assert text == "" or "1,000,000" in text
