"""What one-hub's numbers of channel types mean."""

from types import MappingProxyType
from typing import Final

from yiyuan.integrations.importers.shared import addresses as to
from yiyuan.integrations.importers.shared.addresses import Vendor

TYPES: Final = MappingProxyType(
    {
        1: to.OPENAI,
        2: Vendor("API2D"),
        3: to.AZURE,
        32: to.BEDROCK,
        42: to.VERTEX,
        4: Vendor("CloseAI"),
        5: Vendor("OpenAI-SB"),
        6: Vendor("OpenAIMax"),
        7: Vendor("OhMyGPT"),
        8: to.CUSTOM,
        9: Vendor("AILS"),
        10: Vendor("AIProxy"),
        12: Vendor("API2GPT"),
        13: Vendor("AIGC2D"),
        14: to.ANTHROPIC,
        16: to.ZHIPU,
        17: to.ALI,
        19: Vendor("360", base="https://ai.360.cn"),
        20: to.OPENROUTER,
        25: to.GEMINI,
        26: to.BAICHUAN,
        27: to.MINIMAX,
        28: to.DEEPSEEK,
        29: to.MOONSHOT,
        30: to.MISTRAL,
        31: to.GROQ,
        33: to.LINGYI,
        36: to.COHERE,
        39: to.OLLAMA,
        40: to.HUNYUAN,
        45: to.SILICONFLOW,
        49: Vendor("GitHub Models"),
        56: to.XAI,
    }
)

TITLES: Final = MappingProxyType(
    {
        11: "PaLM", 15: "Baidu", 18: "Xunfei", 21: "AIProxy Library",
        22: "FastGPT", 23: "Tencent", 24: "Azure Speech", 34: "Midjourney",
        35: "Cloudflare", 37: "Stability AI", 38: "Coze", 41: "Suno",
        43: "Llama.cpp", 44: "Ideogram", 46: "Flux", 47: "Jina", 48: "Rerank",
    }
)  # fmt: skip
