"""What one-api's numbers of channel types mean."""

from types import MappingProxyType
from typing import Final

from yiyuan.integrations.importers.shared import addresses as to
from yiyuan.integrations.importers.shared.addresses import Vendor
from yiyuan.integrations.importers.shared.channel_types import ONE_API_TYPES

TYPES: Final = MappingProxyType(
    {
        **ONE_API_TYPES,
        2: Vendor("API2D", base="https://oa.api2d.net"),
        33: to.BEDROCK,
        42: to.VERTEX,
        4: Vendor("CloseAI", base="https://api.closeai-proxy.xyz"),
        5: Vendor("OpenAI-SB", base="https://api.openai-sb.com"),
        19: Vendor("360", base="https://ai.360.cn"),
        24: to.GEMINI,
        25: to.MOONSHOT,
        26: to.BAICHUAN,
        27: to.MINIMAX,
        28: to.MISTRAL,
        29: to.GROQ,
        30: to.OLLAMA,
        31: to.LINGYI,
        32: to.STEPFUN,
        35: to.COHERE,
        36: to.DEEPSEEK,
        39: to.TOGETHER,
        40: to.ARK,
        41: Vendor("Novita", base="https://api.novita.ai/v3/openai", version=""),
        43: to.CUSTOM,
        44: to.SILICONFLOW,
        45: to.XAI,
        47: to.QIANFAN,
        49: to.ALI,
        50: to.CUSTOM,
        51: to.GEMINI_DOOR,
    }
)

TITLES: Final = MappingProxyType(
    {
        11: "PaLM", 15: "Baidu", 18: "Xunfei", 21: "AIProxy Library",
        22: "FastGPT", 23: "Tencent", 34: "Coze", 37: "Cloudflare",
        38: "DeepL", 46: "Replicate", 48: "Xunfei",
    }
)  # fmt: skip
