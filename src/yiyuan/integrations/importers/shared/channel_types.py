"""Numbers of channel types that one-api gave before its forks went their own ways."""

from types import MappingProxyType
from typing import Final

from yiyuan.integrations.importers.shared import addresses as to
from yiyuan.integrations.importers.shared.addresses import Vendor

ONE_API_TYPES: Final = MappingProxyType(
    {
        1: to.OPENAI,
        3: to.AZURE,
        6: Vendor("OpenAIMax", base="https://api.openaimax.com"),
        7: Vendor("OhMyGPT", base="https://api.ohmygpt.com"),
        8: to.CUSTOM,
        9: Vendor("AILS", base="https://api.caipacity.com"),
        10: Vendor("AIProxy", base="https://api.aiproxy.io"),
        12: Vendor("API2GPT", base="https://api.api2gpt.com"),
        13: Vendor("AIGC2D", base="https://api.aigc2d.com"),
        14: to.ANTHROPIC,
        16: to.ZHIPU,
        17: to.ALI,
        20: to.OPENROUTER,
    }
)
