"""The site as its readers get it: languages, links, caching, safety, and nothing too large."""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support import wire
from tests.support.catalogs import model, openai_channel
from tests.support.gateway_process import Gateway
from tests.support.waiting import wait_for
from tests.system.console_api.person import operator
from tests.system.documentation.site import read, resolve
from yiyuan.documentation.content.sources import ROOM, contents, page_names, page_path
from yiyuan.documentation.content.words import WORDS
from yiyuan.documentation.rendering.search_index import terms

LANGUAGES = {"en": "en", "zh": "zh-CN"}
PATHS = [page_path(language, name) for language in LANGUAGES for name in page_names()]
JAVASCRIPT_BYTES_MAX = 15_000
STYLE_BYTES_MAX = 15_000
SEARCH_BYTES_MAX = {"en": 40_000, "zh": 56_000}
"""Fetched when a reader opens the search, not with a page. Chinese has 4,400 pairs of
characters to tell apart on 80 pages; written as chained runs they save little (1 in 70)."""
LATER = ("/console",)
"""What the links lead to and is not the documentation's."""


@pytest.fixture(scope="module")
def site(gateway):
    """Every page, read once."""
    origin = gateway.origin
    paths = [*PATHS, "/?lang=en", "/?lang=zh"]
    return {path: read(origin, path) for path in paths}


def test_every_page_is_there_in_its_language(site) -> None:
    for path, page in site.items():
        assert page.answer.status == 200, path
        language = "zh" if "zh" in path.split("/")[2:3] or path.endswith("zh") else "en"
        assert page.language == LANGUAGES[language], path
        has_chinese = re.search("[\u4e00-\u9fff]{8}", page.text) is not None
        assert has_chinese == (language == "zh"), path


def test_every_page_names_its_translation_and_itself(site) -> None:
    for path in PATHS:
        own = {mark: href.partition("/docs/")[2] for mark, href in site[path].alternates.items()}
        rest = path.removeprefix("/docs/").partition("/")[2]
        assert own == {"en": f"en/{rest}", "zh-CN": f"zh/{rest}", "x-default": f"en/{rest}"}
        other = "zh" if path.startswith("/docs/en") else "en"
        assert f"/docs/{other}/{rest}" in site[path].links


def test_sections_have_the_same_names_in_both_languages(site) -> None:
    for name in page_names():
        english, chinese = (site[page_path(language, name)] for language in ("en", "zh"))
        assert english.headings == chinese.headings, name
        for page in (english, chinese):
            assert len(set(page.anchors)) == len(page.anchors), page.path


def test_every_link_leads_somewhere(site, gateway) -> None:
    broken, known = [], {}
    for page in site.values():
        for link in page.links:
            path, anchor = resolve(page.path, link)
            if not path or path.startswith(LATER):
                continue
            if path not in known:
                known[path] = read(gateway.origin, path)
            found = known[path]
            if found.answer.status not in (200, 302) or (anchor and anchor not in found.anchors):
                broken.append(f"{page.path}: {link}")
    assert not broken


def test_every_page_can_be_reached_from_the_first(site) -> None:
    links = set(site["/docs/en/"].links)
    assert {page_path("en", name) for name in page_names()} <= links


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(site) -> None:
    for path, page in site.items():
        assert not page.inline, path
        assert page.loads
        assert all(load.startswith("/docs/assets/") for load in page.loads), path
        policy = page.answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert page.answer.headers["referrer-policy"] == "no-referrer"
        assert page.answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in page.answer.headers


def test_scripts_styles_and_search_stay_small(gateway, site) -> None:
    sizes = {"js": 0, "css": 0}
    for address in site["/docs/en/"].loads:
        answer = wire.call(gateway.origin, "GET", address)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        kind = address.rpartition(".")[2]
        if kind in sizes:
            sizes[kind] += len(gzip.compress(answer.body))
    assert 0 < sizes["js"] <= JAVASCRIPT_BYTES_MAX
    assert 0 < sizes["css"] <= STYLE_BYTES_MAX
    for language in LANGUAGES:
        answer = wire.call(gateway.origin, "GET", f"/docs/{language}/search.json")
        assert len(gzip.compress(answer.body)) <= SEARCH_BYTES_MAX[language]


def test_a_page_is_sent_compressed_and_only_when_it_changed(gateway) -> None:
    plain = wire.call(gateway.origin, "GET", "/docs/zh/limits")
    small = wire.call(
        gateway.origin, "GET", "/docs/zh/limits", headers={"accept-encoding": "br, gzip;q=0.5"}
    )
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert plain.headers["etag"] != small.headers["etag"]
    assert "accept-encoding" in small.headers["vary"]
    refused = {"accept-encoding": "gzip;q=0"}
    answer = wire.call(gateway.origin, "GET", "/docs/zh/limits", headers=refused)
    assert "content-encoding" not in answer.headers
    known = {"if-none-match": plain.headers["etag"]}
    again = wire.call(gateway.origin, "GET", "/docs/zh/limits", headers=known)
    assert (again.status, again.body) == (304, b"")
    head = wire.call(gateway.origin, "HEAD", "/docs/zh/limits")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB, zh;q=0.1", "en"), ("fr", "en"), ("", "en")],
)
def test_the_reader_s_language_is_chosen(accepted: str, language: str, gateway) -> None:
    headers = {"accept-language": accepted} if accepted else {}
    for path in ("/docs", "/docs/"):
        answer = wire.call(gateway.origin, "GET", path, headers=headers)
        assert (answer.status, answer.headers["location"]) == (302, f"/docs/{language}/")
        assert answer.headers["vary"] == "accept-language"
    front = wire.call(gateway.origin, "GET", "/", headers=headers)
    assert f'lang="{LANGUAGES[language]}"' in front.body.decode()
    assert "accept-language" in front.headers["vary"]


def test_odd_addresses(gateway) -> None:
    for path, there in (("/docs/zh", "/docs/zh/"), ("/docs/en/limits/", "/docs/en/limits")):
        answer = wire.call(gateway.origin, "GET", path)
        assert (answer.status, answer.headers["location"]) == (302, there)
    for path in ("/docs/zh/nothing", "/docs/assets/docs.css", "/docs/en/../../pyproject.toml"):
        page = read(gateway.origin, path)
        assert page.answer.status in (400, 404), path
    missing = read(gateway.origin, "/docs/zh/%3Cscript%3Ealert(1)%3C/script%3E")
    assert missing.answer.status == 404
    assert missing.language == "zh-CN"
    assert not missing.inline
    assert wire.call(gateway.origin, "POST", "/docs/en/").status == 405


def test_every_page_is_there_as_markdown(gateway, site) -> None:
    for language in LANGUAGES:
        for name in page_names():
            answer = wire.call(gateway.origin, "GET", f"/docs/{language}/{name}.md")
            assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
            text = answer.body.decode()
            assert text.startswith("# ")
            assert "<!-- live" not in text
            if not name.startswith("self-hosting"):  # those are about an address to be chosen
                assert "gateway.example" not in text
    assert gateway.origin in site["/docs/zh/"].text


def test_language_models_find_every_page(gateway) -> None:
    index = wire.call(gateway.origin, "GET", "/llms.txt").body.decode()
    full = wire.call(gateway.origin, "GET", "/llms-full.txt").body.decode()
    for name in page_names():
        address = f"{gateway.origin}/docs/en/{name}.md"
        assert f"]({address}): " in index
        text = wire.call(gateway.origin, "GET", f"/docs/en/{name}.md").body.decode()
        assert text in full


def test_the_search_finds_words_of_both_languages(gateway) -> None:
    for language, word, page in (("en", "clamped", "billing"), ("zh", "预扣", "billing")):
        index = json.loads(wire.call(gateway.origin, "GET", f"/docs/{language}/search.json").body)
        terms_by_places = index["words"] | index["pairs"]
        written = next(where for where, found in terms_by_places.items() if word in found)
        place, pages = -1, set()
        for step in written.split(" "):
            place += int(step, 36)
            pages.add(index["pages"][index["sections"][place][0]][0])
        assert page_path(language, page) in pages


def test_words_are_cut_as_they_are_looked_for() -> None:
    assert terms("Der 词元余额 x-api_key 12") == {"der", "词元", "元余", "余额", "api_key"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_unit_is_said_in_words_where_it_first_stands(language, site) -> None:
    """On every page, whether in a sentence, a heading or a table; code is left as it is."""
    glossed = 0
    for name in page_names():
        page = site[page_path(language, name)]
        body = page.answer.body.decode().partition("<article")[2].partition("</article>")[0]
        body = re.sub(r"<(pre|code)\b.*?</\1>", "", body, flags=re.DOTALL)
        first = re.search("词元(?!密钥)", body)
        if first is None:
            continue
        glossed += 1
        line = re.sub("<[^>]+>", "", body[first.end() :].partition("\n")[0])
        assert "1,000,000" in line, page.path
        assert body.count('class="gloss"') <= 1, page.path
    assert glossed > 10


def test_the_words_around_the_pages_are_in_both_languages() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    same = {key for key in WORDS["en"] if WORDS["en"][key] == WORDS["zh"][key]}
    assert not same
    for key, word in WORDS["en"].items():
        places = set(re.findall(r"{\w+}", word))
        assert places == set(re.findall(r"{\w+}", WORDS["zh"][key])), key


def test_every_file_of_the_pages_is_in_the_contents() -> None:
    folder = Path(__file__).parents[3] / "docs" / "en"
    files = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md")}
    assert files == set(page_names())
    assert len(page_names()) == len(set(page_names()))
    assert all(section.pages for section in contents())
    assert (ROOM / "content" / "contents.toml").is_file()


def test_the_pages_follow_the_catalog(tmp_path, upstream, cli) -> None:
    """Prices, limits and the models of the snippets are those of this gateway, at once."""
    channel = openai_channel(upstream, {"only-one": "gpt-4.1"})
    first = model("only-one", {"input": "2.5", "output": "10"}, rpm=70)
    tiers = "[[tier]]\nmin_balance = 0\nrate = 1\n[[tier]]\nmin_balance = 50_000_000\nrate = 3\n"
    with Gateway(tmp_path / "home", cli, YIYUAN_API_URL="https://api.shop.example") as gateway:
        gateway.apply(f"{channel}\n{first}\n{tiers}")
        gateway.start()
        limits = read(gateway.origin, "/docs/en/limits")
        assert re.search(r"only-one\s+70\s+210\s", limits.text)
        assert "From ¥50" in limits.text
        before = limits.answer.headers["etag"]
        shown = read(gateway.origin, "/docs/en/completions").text
        assert "https://api.shop.example/v1/completions" in shown
        assert '"model": "only-one"' in shown
        assert '"model": "gpt-4"' not in shown
        gateway.customer()
        assert read(gateway.origin, "/docs/en/limits").answer.headers["etag"] == before
        changed = model("only-one", {"input": "3.25", "output": "10"}, rpm=71)
        gateway.apply(f"{channel}\n{changed}\n{tiers}")
        wait_for(
            lambda: "3.25" in read(gateway.origin, "/docs/zh/models").text,
            what="the new price on the page",
        )
        assert read(gateway.origin, "/docs/en/limits").answer.headers["etag"] != before
        assert gateway.stop() == 0


def test_the_link_to_nextchat_says_where_this_gateway_is(tmp_path, upstream, cli) -> None:
    """On the operator's own NextChat, once there is one."""
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.apply(openai_channel(upstream, {}))
        gateway.start()
        assert link_to_nextchat(gateway).startswith("https://app.nextchat.example/#/?settings=")
        owner = operator(gateway, "owner@example.com")
        owner.call(
            "PUT", "/api/operator/settings/nextchat_url", {"value": "https://chat.shop.example/"}
        )
        moved = wait_for(
            lambda: link_to_nextchat(gateway).startswith("https://chat.shop.example/#/?settings="),
            what="the operator's own NextChat on the page",
        )
        assert moved
        settings = json.loads(unquote(link_to_nextchat(gateway).partition("settings=")[2]))
        assert settings == {"key": "sk-your-api-key", "url": gateway.origin}
        assert gateway.stop() == 0


def link_to_nextchat(gateway: Gateway) -> str:
    """The deep link that the page shows."""
    text = wire.call(gateway.origin, "GET", "/docs/zh/ai-apps/nextchat.md").body.decode()
    found = re.search(r"^https://\S+/#/\?settings=\S+$", text, re.MULTILINE)
    assert found
    return found[0]
