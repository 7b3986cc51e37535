"""What the search of the pages finds, and in which order, as readers type it in a browser."""

import gzip
import json

import pytest

from tests.support import wire
from yiyuan.documentation.content.sources import page_path
from yiyuan.documentation.rendering.search_index import synonyms

TEXTS_BYTES_MAX = 180_000
"""Of one language, compressed; fetched when a reader opens the search, not with a page."""


@pytest.fixture
def search(screen):
    """Opens the search of a language once, and tells what it finds for words."""
    pages = {}

    def found(language: str, words: str) -> list[tuple[str, str]]:
        if language not in pages:
            pages[language] = screen.context().new_page()
            pages[language].goto(screen.origin + page_path(language, "index"))
            pages[language].keyboard.press("Control+k")
            pages[language].locator("dialog ol[data-by=phrases]").wait_for(state="attached")
        page = pages[language]
        page.locator("dialog input").fill(words)
        links = page.locator("dialog li a")
        return [
            (link.get_attribute("href"), link.evaluate("each => each.firstChild.data"))
            for link in links.all()
        ]

    return found


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("报错", "errors"),
        ("報错", "errors"),
        ("发票", "payments"),
        ("工具调用", "chat"),
        ("function calling", "chat"),
        ("vision", "chat"),
        ("限流", "limits"),
        ("预扣费用", "billing"),
        ("gpt-3.5-turbo", "models"),
    ],
)
def test_readers_words_find_their_page_in_chinese(words, page, search) -> None:
    places = [address.partition("#")[0] for address, _ in search("zh", words)]
    assert page_path("zh", page) in places[:3], places


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("function calling", "chat"),
        ("vision", "chat"),
        ("invoice", "payments"),
        ("发票", "payments"),
        ("error codes", "errors"),
        ("json schema", "chat"),
        ("gpt-4", "models"),
        ("claude-2", "models"),
        ("streams", "streaming"),
        ("dotnet", "sdks"),
    ],
)
def test_readers_words_find_their_page_in_english(words, page, search) -> None:
    places = [address.partition("#")[0] for address, _ in search("en", words)]
    assert page_path("en", page) in places[:3], places


def test_go_is_a_word_of_its_own(search) -> None:
    headings = [heading for _, heading in search("en", "Go")]
    assert headings[0].startswith("Go, Java")
    assert not [each for each in headings if "going" in each.lower()]
    assert search("en", "goin") == []


def test_word_ends_do_not_matter(search) -> None:
    first = {words: search("en", words)[0] for words in ("refund", "refunds", "refunded")}
    assert len(set(first.values())) == 1


def test_an_exact_phrase_comes_first_and_alone_in_quotes(search) -> None:
    phrase = "a charge is never more than its hold"
    found = search("en", phrase)
    assert found[0][0].partition("#")[0] == page_path("en", "billing")
    assert search("en", f'"{phrase}"') == found[:1]
    assert search("en", f'"{phrase} indeed"') == []


def test_nothing_is_found_for_what_stands_nowhere(search) -> None:
    assert search("zh", "zzyzx") == []
    assert search("zh", "") == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_texts_of_all_sections_stay_small(language, gateway) -> None:
    index = wire.call(gateway.origin, "GET", f"/docs/{language}/search.json")
    texts = wire.call(gateway.origin, "GET", f"/docs/{language}/texts.json")
    assert len(json.loads(texts.body)) == len(json.loads(index.body)["sections"])
    assert len(gzip.compress(texts.body)) <= TEXTS_BYTES_MAX


def test_a_word_stands_in_one_group_of_synonyms() -> None:
    words = [word for group in synonyms() for word in group]
    assert len(words) == len(set(words))
    assert [word for word in words if word != word.lower()] == []
    assert all(len(group) > 1 for group in synonyms())
