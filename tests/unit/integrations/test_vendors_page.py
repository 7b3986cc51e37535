"""The page on vendors says what the presets say."""

import pathlib

import pytest

from yiyuan.integrations.providers.presets import presets

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"
WORDS = {
    "openai_chat": "Chat",
    "openai_responses": "Responses",
    "anthropic_messages": "Messages",
    "gemini": "Gemini",
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(presets()))
def test_every_vendor_has_its_row(name: str, language: str) -> None:
    preset = presets()[name]
    page = (DOCS / language / "self-hosting" / "vendors.md").read_text("utf-8")
    base = preset.base_url or preset.base_url_example
    speaks = ", ".join(WORDS[each] for each in preset.speaks)
    assert f"| {preset.title[language]} | `{name}` | `{base}` | {speaks} |" in page
    assert not preset.notes or preset.notes[language] in page
