"""Where an old channel's requests go, as an address with its version path.

The old gateways keep an address without the version and add it in code; here it stands
in the address. What the number of a channel's type says is only a default: where its
address belongs to a known vendor, that vendor decides.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_VERSION = re.compile(r"/(v\d+(beta|alpha)?|openai)$")
_AZURE_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?", re.ASCII)
_ENDPOINT = re.compile(r"/(chat/completions|completions|embeddings|messages)$")


@dataclass(slots=True, frozen=True)
class Vendor:
    """How a vendor is spoken to; `provider` None means that it is not spoken to at all."""

    name: str
    provider: str | None = "openai"
    base: str = ""
    """The default address, without the version."""
    version: str = "/v1"
    is_compatible_door: bool = False
    """Whether it is reached by another door than there, and has to be tried out."""
    speaks: tuple[str, ...] = ()
    """The formats that its models understand, where its preset has more."""


ANTHROPIC = Vendor("Anthropic", "anthropic", "https://api.anthropic.com", "")
AZURE = Vendor("Azure OpenAI", "azure", version="/openai/v1", is_compatible_door=True)
VERTEX = Vendor("Vertex AI", "vertex", version="", is_compatible_door=True)
VERTEX_EXPRESS = Vendor("Vertex AI", "gemini", version="", is_compatible_door=True)
BEDROCK = Vendor(
    "Amazon Bedrock",
    "bedrock",
    version="",
    is_compatible_door=True,
    speaks=("anthropic_messages",),
)
GEMINI = Vendor(
    "Gemini", "gemini", base="https://generativelanguage.googleapis.com", version="/v1beta"
)
GEMINI_DOOR = Vendor("Gemini by OpenAI's format", base=GEMINI.base, version="/v1beta/openai")
ZHIPU = Vendor(
    "Zhipu", base="https://open.bigmodel.cn", version="/api/paas/v4", is_compatible_door=True
)
ALI = Vendor(
    "Alibaba",
    base="https://dashscope.aliyuncs.com",
    version="/compatible-mode/v1",
    is_compatible_door=True,
)
ARK = Vendor("Volcengine Ark", base="https://ark.cn-beijing.volces.com", version="/api/v3")
QIANFAN = Vendor(
    "Baidu Qianfan", base="https://qianfan.baidubce.com", version="/v2", is_compatible_door=True
)
COHERE = Vendor(
    "Cohere", base="https://api.cohere.ai", version="/compatibility/v1", is_compatible_door=True
)
MINIMAX = Vendor("MiniMax", base="https://api.minimax.chat")
HUNYUAN = Vendor(
    "Tencent Hunyuan", base="https://api.hunyuan.cloud.tencent.com", is_compatible_door=True
)
PERPLEXITY = Vendor("Perplexity", base="https://api.perplexity.ai", version="")
OPENAI = Vendor("OpenAI", base="https://api.openai.com")
OPENROUTER = Vendor("OpenRouter", base="https://openrouter.ai/api")
DEEPSEEK = Vendor("DeepSeek", base="https://api.deepseek.com")
MOONSHOT = Vendor("Moonshot", base="https://api.moonshot.cn")
SILICONFLOW = Vendor("SiliconFlow", base="https://api.siliconflow.cn")
MISTRAL = Vendor("Mistral", base="https://api.mistral.ai")
XAI = Vendor("xAI", base="https://api.x.ai")
GROQ = Vendor("Groq", base="https://api.groq.com/openai")
LINGYI = Vendor("01.AI", base="https://api.lingyiwanwu.com")
STEPFUN = Vendor("StepFun", base="https://api.stepfun.com")
TOGETHER = Vendor("Together", base="https://api.together.xyz")
BAICHUAN = Vendor("Baichuan", base="https://api.baichuan-ai.com")
OLLAMA = Vendor("Ollama", base="http://localhost:11434")
CUSTOM = Vendor("own address")

_HOSTS = {
    "api.openai.com": OPENAI,
    "api.anthropic.com": ANTHROPIC,
    "generativelanguage.googleapis.com": GEMINI,
    "openrouter.ai": OPENROUTER,
    "api.deepseek.com": DEEPSEEK,
    "open.bigmodel.cn": ZHIPU,
    "dashscope.aliyuncs.com": ALI,
    "dashscope-intl.aliyuncs.com": ALI,
    "ark.cn-beijing.volces.com": ARK,
    "qianfan.baidubce.com": QIANFAN,
    "api.moonshot.cn": MOONSHOT,
    "api.moonshot.ai": MOONSHOT,
    "api.siliconflow.cn": SILICONFLOW,
    "api.mistral.ai": MISTRAL,
    "api.x.ai": XAI,
    "api.groq.com": GROQ,
    "api.perplexity.ai": PERPLEXITY,
    "api.lingyiwanwu.com": LINGYI,
    "api.stepfun.com": STEPFUN,
    "api.together.xyz": TOGETHER,
    "api.baichuan-ai.com": BAICHUAN,
    "api.minimax.chat": MINIMAX,
    "api.cohere.ai": COHERE,
    "api.hunyuan.cloud.tencent.com": HUNYUAN,
}
_DOMAINS = {".openai.azure.com": AZURE}


class AddressUnclear(ValueError):
    """An address from which no door can be made; the message is a sentence about the channel."""


def vendor_of_host(address: str) -> Vendor | None:
    """The vendor that an address belongs to, if it is a known one's."""
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        return None
    for ending, vendor in _DOMAINS.items():
        if host.endswith(ending):
            return vendor
    found = _HOSTS.get(host)
    return GEMINI_DOOR if found is GEMINI and "/openai" in address else found


def base_url(address: str, vendor: Vendor, azure_version: str = "") -> str:
    """The address with its version path; an empty one is the vendor's own.

    `azure_version` is a date: Azure is called there by deployment, in that version.
    Raises AddressUnclear.
    """
    base = address.strip().rstrip("/")
    if not base and vendor.base:
        return vendor.base + vendor.version
    if not base:
        raise AddressUnclear("has no address; its models: {models}")
    if "{" in base:
        raise AddressUnclear("has an address with a placeholder in it; its models: {models}")
    parts = _parts(base)
    if parts.query or parts.fragment:
        raise AddressUnclear("has an address with ? or #; its models: {models}")
    base = _ENDPOINT.sub("", base)
    if vendor.provider == "azure":
        resource = base.removesuffix("/v1").removesuffix("/openai")
        is_dated = _AZURE_VERSION.fullmatch(azure_version) is not None
        return resource + (f"?api-version={azure_version}" if is_dated else vendor.version)
    if vendor.provider == "anthropic":
        return base.removesuffix("/v1")
    host = vendor_of_host(base)
    known = host or vendor
    if base == known.base:
        return base + known.version
    if host is not None and parts.path in ("", "/", "/v1"):
        return f"{parts.scheme}://{parts.netloc}{urlsplit(host.base).path}{host.version}"
    is_whole = _VERSION.search(base) or (known.version and base.endswith(known.version))
    return base if is_whole else base + known.version


def _parts(base: str) -> SplitResult:
    try:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise AddressUnclear("has no http address without credentials; its models: {models}")
        _ = parts.port
    except ValueError as error:
        if isinstance(error, AddressUnclear):
            raise
        raise AddressUnclear("has an address that cannot be read; its models: {models}") from None
    return parts
