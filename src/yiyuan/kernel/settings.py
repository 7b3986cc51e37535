"""Every setting of the program, with its default and what it means.

Settings come from `YIYUAN_…` variables and from the command line, which wins.
They are read once, at start; this is the only place that looks at the process's
environment. An empty variable counts as absent. A value that is wrong, and an
unknown `YIYUAN_` variable (`YIYUAN_TEST_…` excepted), is a SettingsError; its
text never repeats the value of a secret.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from yiyuan.i18n.languages import LANGUAGES
from yiyuan.i18n.message import Message, WrongValue
from yiyuan.kernel import setting_readers as read
from yiyuan.kernel.setting_bounds import BOUND_DOCS
from yiyuan.kernel.setting_doc import SettingDoc, SettingsError
from yiyuan.kernel.setting_readers import Network

DURABILITIES = ("full", "normal")
_PREFIX = "YIYUAN_"
_TEST_PREFIX = "YIYUAN_TEST_"


@dataclass(slots=True, frozen=True, kw_only=True)
class Settings:
    """What this process was told; `describe` explains each field."""

    home: Path = Path("data")
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    public_url: str = ""
    """Empty only when the class is made by hand; `load` fills it in."""
    api_url: str = ""
    language: str = "en"
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    """Empty is the default: the two addresses' own hosts, and loopback."""
    metrics_token: str | None = field(default=None, repr=False)
    durability: str = "full"
    usage_detail_days: int = 90
    body_bytes_max: int = 10 * 1024 * 1024
    body_memory_bytes: int = 256 * 1024 * 1024
    account_body_memory_bytes: int = 64 * 1024 * 1024
    refused_per_minute: int = 600
    connections_per_address: int = 1_000
    https_proxy: str | None = field(default=None, repr=False)
    no_proxy: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    starter: bool = False
    notice_seconds: int = 0
    drain_seconds: int = 30
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """The variables as they were at start, for `variable`."""

    def variable(self, name: str) -> str | None:
        """The environment variable that a channel's `api_key = { env = … }` names.

        None if it is absent or empty. Our own variables are none of a channel's
        business.
        """
        if name.upper().startswith(_PREFIX):
            return None
        return self.environment.get(name) or None


_DOCS = (
    SettingDoc("home", "YIYUAN_HOME", "./data", Path, "The data directory.", "数据目录。"),
    SettingDoc(
        "database_url",
        "YIYUAN_DATABASE_URL",
        "SQLite in the home",
        read.scheme_reader("postgresql", "postgres"),
        "A PostgreSQL database (`postgresql://…`), for many nodes.",
        "PostgreSQL 数据库（`postgresql://…`），用于多节点部署。",
    ),
    SettingDoc(
        "redis_url",
        "YIYUAN_REDIS_URL",
        "none",
        read.scheme_reader("redis", "rediss", "valkey", "valkeys", "unix"),
        "Valkey or Redis: shared limits and invalidation, needed with more than one node.",
        "Valkey 或 Redis：共享限流与失效通知，多于一个节点时必需。",
    ),
    SettingDoc(
        "secret_key",
        "YIYUAN_SECRET_KEY",
        "`secret.key` in the home",
        read.read_text,
        "Base64 of 32 bytes: encrypts upstream keys and keys the token hashes.",
        "32 字节的 base64：用于加密上游密钥，并用于计算词元密钥的散列。",
    ),
    SettingDoc(
        "public_url",
        "YIYUAN_PUBLIC_URL",
        "http://HOST:PORT",
        read.read_url,
        "The address of console and docs as people see it.",
        "用户看到的控制台与文档地址。",
    ),
    SettingDoc(
        "api_url",
        "YIYUAN_API_URL",
        "the public URL",
        read.read_url,
        "The address of the API as docs and snippets show it.",
        "文档与示例中显示的 API 地址。",
    ),
    SettingDoc(
        "language",
        "YIYUAN_LANGUAGE",
        "en",
        read.choice_reader(*LANGUAGES),
        "The language where a request names none: `en` or `zh`.",
        "请求未指明时使用的语言：`en` 或 `zh`。",
    ),
    SettingDoc(
        "trusted_proxies",
        "YIYUAN_TRUSTED_PROXIES",
        "none",
        read.read_networks,
        "CIDRs of the proxies whose `X-Forwarded-For` and `-Proto` are believed.",
        "受信任代理的 CIDR：只采信它们的 `X-Forwarded-For` 与 `-Proto`。",
    ),
    SettingDoc(
        "allowed_hosts",
        "YIYUAN_ALLOWED_HOSTS",
        "those of the two addresses, and loopback",
        read.read_hosts,
        "`Host` names that are answered, separated by commas; `*.example.com` and `*` work.",
        "应答的 `Host` 主机名，用逗号分隔；可用 `*.example.com` 与 `*`。",
    ),
    SettingDoc(
        "metrics_token",
        "YIYUAN_METRICS_TOKEN",
        "none: loopback only",
        read.read_bearer,
        "The bearer for `/metrics`; without it only direct loopback peers may read them.",
        "`/metrics` 的访问凭证；未设置时只有本机直连可读。",
    ),
    SettingDoc(
        "durability",
        "YIYUAN_DURABILITY",
        "full",
        read.choice_reader(*DURABILITIES),
        "`full`: the ledger survives a power loss; `normal`: faster, survives a crash only.",
        "`full`：断电后账目不丢失；`normal`：更快，但只保证进程崩溃后不丢失。",
    ),
    SettingDoc(
        "usage_detail_days",
        "YIYUAN_USAGE_DETAIL_DAYS",
        "90",
        read.integer_reader(0, 36_500),
        "Full days that the details of requests are kept, then sums by day; 0 keeps them for ever.",
        "请求明细保留的整天数，之后只保留按天的汇总；0 表示永久保留。",
    ),
    *BOUND_DOCS,
    SettingDoc(
        "https_proxy",
        "HTTPS_PROXY",
        "none",
        read.read_proxy,
        "The proxy for upstream calls of channels that name none.",
        "渠道未指定代理时，访问上游所用的代理。",
    ),
    SettingDoc(
        "no_proxy",
        "NO_PROXY",
        "none",
        read.read_text,
        "Hosts that are reached without that proxy, separated by commas.",
        "不经过该代理的主机，用逗号分隔。",
    ),
    SettingDoc("host", "--host", "127.0.0.1", read.read_text, "Listening address.", "监听地址。"),
    SettingDoc(
        "port", "--port", "8000", read.integer_reader(0, 65_535), "Listening port.", "监听端口。"
    ),
    SettingDoc(
        "workers",
        "--workers",
        "1",
        read.integer_reader(1, 256),
        "The number of server processes.",
        "服务进程数。",
    ),
    SettingDoc(
        "starter",
        "--starter",
        "off",
        read.read_text,
        "Fill an empty database with an account, models and a token to begin with.",
        "为空数据库创建起步用的账户、模型与词元密钥。",
    ),
    SettingDoc(
        "notice_seconds",
        "--notice-seconds",
        "0",
        read.integer_reader(0, 3_600),
        "How long after SIGTERM requests are still taken, for a load balancer to look elsewhere.",
        "收到 SIGTERM 后仍接受新请求的秒数，供负载均衡器改道。",
    ),
    SettingDoc(
        "drain_seconds",
        "--drain-seconds",
        "30",
        read.integer_reader(0, 86_400),
        "How long open streams may take to finish after SIGTERM.",
        "收到 SIGTERM 后，未完成的流最多可以继续的秒数。",
    ),
)


def from_environment(**flags: str | int | Path | None) -> Settings:
    """The settings of this process; a flag that is None was not given.

    Raises SettingsError.
    """
    return load(os.environ, **flags)  # noqa: TID251 - this is the place


def diagnose() -> tuple[Settings, list[SettingsError]]:
    """The settings of this process as far as they are right, and what is wrong elsewhere."""
    environment = dict(os.environ)  # noqa: TID251 - this is the place
    faults: list[SettingsError] = []
    while True:
        try:
            return load(environment), faults
        except SettingsError as error:
            faults.append(error)
            given = {error.variable, error.variable.lower()} & environment.keys()
            if not given:
                raise
            for name in given:
                del environment[name]


def load(environment: Mapping[str, str], **flags: str | int | Path | None) -> Settings:
    """Make settings from variables and flags (named like the fields; None: not given).

    Raises SettingsError.
    """
    _refuse_unknown(environment)
    values: dict[str, Any] = {}
    for doc in _DOCS:
        given = flags.pop(doc.field, None)
        if given is None:
            given = _lookup(environment, doc.variable)
        if given is None:
            continue
        values[doc.field] = _parse(doc, given) if isinstance(given, str) else given
    assert not flags, f"no such settings: {sorted(flags)}"
    settings = Settings(**values, environment=dict(environment))
    public_url = settings.public_url or read.local_url(settings.host, settings.port)
    return replace(settings, public_url=public_url, api_url=settings.api_url or public_url)


def describe() -> tuple[SettingDoc, ...]:
    """Every setting, for the documentation."""
    return _DOCS


def _lookup(environment: Mapping[str, str], variable: str) -> str | None:
    """A variable's text; the proxy variables are lower-case by old custom."""
    text = environment.get(variable, "").strip()
    if not text and variable.endswith("_PROXY"):
        text = environment.get(variable.lower(), "").strip()
    return text or None


def _parse(doc: SettingDoc, text: str) -> Any:
    """Read one value, naming the variable in the error."""
    try:
        return doc.parse(text)
    except ValueError as error:
        reason = error.said if isinstance(error, WrongValue) else str(error)
        raise SettingsError(doc.variable, reason) from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A misspelt variable must not be a silent default."""
    known = [
        doc.variable.removeprefix(_PREFIX) for doc in _DOCS if doc.variable.startswith(_PREFIX)
    ]
    for variable in sorted(environment):
        name = variable.removeprefix(_PREFIX)
        if name == variable or variable.startswith(_TEST_PREFIX) or name in known:
            continue
        close = get_close_matches(name, known, n=1)
        if not close:
            raise SettingsError(variable, "there is no such setting")
        guess = f"{_PREFIX}{close[0]}"
        reason = Message("there is no such setting; did you mean {guess}?", guess=guess)
        raise SettingsError(variable, reason)
