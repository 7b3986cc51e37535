"""The catalog that a vendor's page shows is made from its preset, and can be applied as it is."""

import re

import pytest

from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import page_names, page_text
from yiyuan.documentation.rendering.filling import filled
from yiyuan.i18n.languages import LANGUAGES
from yiyuan.integrations.providers.presets import presets
from yiyuan.services.catalog.stored import read_stored

PAGES = [name for name in page_names() if name.startswith("self-hosting/vendors/")]
FACTS = Facts("https://gateway.example", "https://gateway.example", "", (), ())
FENCE = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r'env = "(\w+)"')


def test_every_vendor_has_one_page() -> None:
    named = [
        name for page in PAGES for name in re.findall(r"live vendor (\S+)", page_text("en", page))
    ]
    assert sorted(named) == sorted(presets())
    for page in PAGES:
        shown = [re.findall(r"live vendor (\S+)", page_text(each, page)) for each in LANGUAGES]
        assert shown[0] == shown[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
async def test_its_catalog_is_applied(operator, page: str, language: str) -> None:
    text = filled(language, page, FACTS)
    catalogs = FENCE.findall(text)
    assert len(catalogs) == text.count("```toml") > 0
    for catalog in catalogs:
        operator.env |= dict.fromkeys(VARIABLE.findall(catalog), "sk-of-a-vendor-000")
        await operator.apply(catalog)
    channels = (await read_stored(operator.context)).channels
    for name, channel in channels.items():
        preset = presets()[name]
        assert channel.row.provider == name
        assert list(channel.document.models) == list(preset.example)
        assert preset.title[language] in text
        assert all(each.source in text for each in preset.evidence)
