"""What new-api's numbers of channel types mean."""

from types import MappingProxyType
from typing import Final

from yiyuan.integrations.importers.shared import addresses as to
from yiyuan.integrations.importers.shared.addresses import Vendor
from yiyuan.integrations.importers.shared.channel_types import ONE_API_TYPES

TYPES: Final = MappingProxyType(
    {
        **ONE_API_TYPES,
        33: to.BEDROCK,
        41: to.VERTEX,
        4: to.OLLAMA,
        19: Vendor("360", base="https://api.360.cn"),
        24: to.GEMINI,
        25: to.MOONSHOT,
        26: to.ZHIPU,
        27: to.PERPLEXITY,
        31: to.LINGYI,
        34: to.COHERE,
        35: to.MINIMAX,
        40: to.SILICONFLOW,
        42: to.MISTRAL,
        43: to.DEEPSEEK,
        44: Vendor("Moka AI", base="https://api.moka.ai"),
        45: to.ARK,
        46: to.QIANFAN,
        47: Vendor("Xinference"),
        48: to.XAI,
        53: Vendor("Submodel", base="https://llm.submodel.ai"),
    }
)

TITLES: Final = MappingProxyType(
    {
        2: "Midjourney", 5: "Midjourney Plus", 11: "PaLM", 15: "Baidu",
        18: "Xunfei", 21: "AIProxy Library", 22: "FastGPT", 23: "Tencent",
        36: "Suno", 37: "Dify", 38: "Jina", 39: "Cloudflare", 49: "Coze",
        50: "Kling", 51: "Jimeng", 52: "Vidu", 54: "Doubao video", 55: "Sora", 56: "Replicate",
        57: "Codex",
    }
)  # fmt: skip
