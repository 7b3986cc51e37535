"""The pictures of the documentation, taken anew: `make screenshots`.

A shop with a month behind it is opened in a real browser, and its pages are written to
`docs/screenshots/`, some in Chinese and some in English, light and dark, wide and on a phone.
"""

import pathlib
import sys
import tempfile

from playwright.sync_api import sync_playwright

from tests.project.tidy.tree import ROOT
from tests.support.gateway_process import Cli
from tests.system.console.chromium import ARGUMENTS, executable
from tests.system.console.full_shop import FullShop, open_full_shop
from tests.system.console.screen import PHONE, Screen, go, settle

FOLDER = ROOT / "docs" / "screenshots"
LAPTOP = {"width": 1280, "height": 860}
# name: address, language, colour scheme, window
PICTURES = {
    "overview-zh": ("/", "zh", "light", LAPTOP),
    "overview-en-dark": ("/", "en", "dark", LAPTOP),
    "overview-zh-phone": ("/", "zh", "light", PHONE),
    "tokens-en": ("/tokens", "en", "light", LAPTOP),
    "tokens-zh-phone": ("/tokens", "zh", "dark", PHONE),
    "usage-zh": ("/usage", "zh", "light", LAPTOP),
    "logs-en": ("/logs", "en", "light", LAPTOP),
    "log-zh": ("/logs?request={request}", "zh", "light", LAPTOP),
    "log-en-dark": ("/logs?request={request}", "en", "dark", LAPTOP),
    "statement-zh": ("/statement", "zh", "light", LAPTOP),
    "top-up-en-phone": ("/top-up", "en", "light", PHONE),
    "models-en": ("/models", "en", "light", LAPTOP),
    "playground-zh": ("/playground", "zh", "light", LAPTOP),
    "operator-home-zh": ("/operator", "zh", "light", LAPTOP),
    "operator-home-en-dark": ("/operator", "en", "dark", LAPTOP),
    "accounts-en": ("/operator/accounts", "en", "light", LAPTOP),
    "account-zh": ("/operator/accounts/{account}", "zh", "light", LAPTOP),
    "channels-zh": ("/operator/channels", "zh", "light", LAPTOP),
    "prices-en": ("/operator/models", "en", "light", LAPTOP),
    "tiers-zh": ("/operator/tiers", "zh", "light", LAPTOP),
    "codes-en-dark": ("/operator/codes", "en", "dark", LAPTOP),
    "ledger-zh": ("/operator/ledger", "zh", "light", LAPTOP),
    "audit-en": ("/operator/audit", "en", "light", LAPTOP),
    "settings-zh": ("/operator/settings", "zh", "light", LAPTOP),
}


def main(wanted: list[str]) -> None:
    """Take all of them, or those that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        cli = Cli()
        with (
            open_full_shop(pathlib.Path(folder), cli, browser) as shop,
            Screen(browser, shop.gateway.origin) as screen,
        ):
            for name in wanted or PICTURES:
                take(screen, shop, name)
            screen.check()
        cli.close()
        browser.close()


def take(screen: Screen, shop: FullShop, name: str) -> None:
    """Write one picture."""
    address, language, scheme, viewport = PICTURES[name]
    context = screen.context(scheme=scheme, viewport=viewport, storage_state=shop.state)
    page = context.new_page()
    path = address.format(request=shop.request_id, account=shop.account)
    go(page, shop.gateway.origin, path, language)
    settle(page)
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
