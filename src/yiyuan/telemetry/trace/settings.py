"""OpenTelemetry's own variables, as its specification names them.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
…/specs/otel/protocol/exporter/. Without an endpoint nothing is traced. What cannot be
done as asked (gRPC, an unknown sampler) is a SettingsError that names the variable and
never repeats a value: headers hold credentials.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from yiyuan.i18n.message import Message
from yiyuan.kernel.setting_doc import SettingsError

_SAMPLERS = ("always_on", "always_off", "traceidratio")
_NONE: tuple[str, ...] = ("", "none")


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """Where traces go, and which."""

    url: str
    headers: dict[str, str] = field(repr=False)
    timeout_seconds: float = 10.0
    is_compressed: bool = False
    certificate: str | None = None
    """A file with the authorities to trust instead of the system's."""
    resource: dict[str, str] = field(default_factory=lambda: {"service.name": "yiyuan"})
    ratio: float = 1.0
    follows_parent: bool = True
    queue_max: int = 10_000
    batch_max: int = 512
    delay_seconds: float = 5.0


def read_trace_settings(environment: Mapping[str, str]) -> TraceSettings | None:
    """The settings in a process's environment, or None when nothing is to be traced.

    Raises SettingsError, which names the variable and never its value.
    """
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if environment.get("OTEL_TRACES_EXPORTER", "otlp") in _NONE:
        return None
    url = _url(environment)
    if url is None:
        return None
    sampler = environment.get("OTEL_TRACES_SAMPLER") or "parentbased_always_on"
    return TraceSettings(
        url=url,
        headers=_pairs(_otlp(environment, "HEADERS"), "OTEL_EXPORTER_OTLP_HEADERS"),
        timeout_seconds=_number(_otlp(environment, "TIMEOUT"), "OTEL_EXPORTER_OTLP_TIMEOUT", 10_000)
        / 1000,
        is_compressed=_compression(environment),
        certificate=_otlp(environment, "CERTIFICATE") or None,
        resource=_resource(environment),
        ratio=_ratio(sampler.removeprefix("parentbased_"), environment),
        follows_parent=sampler.startswith("parentbased_"),
        queue_max=int(_variable(environment, "OTEL_BSP_MAX_QUEUE_SIZE", 10_000)),
        batch_max=int(_variable(environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)),
        delay_seconds=_variable(environment, "OTEL_BSP_SCHEDULE_DELAY", 5_000) / 1000,
    )


def _otlp(environment: Mapping[str, str], name: str) -> str:
    """The variable for traces, else the one for all signals."""
    special = environment.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}")
    return special or environment.get(f"OTEL_EXPORTER_OTLP_{name}") or ""


def _url(environment: Mapping[str, str]) -> str | None:
    """The address for traces as it stands; `/v1/traces` is added to the general one."""
    protocol = _otlp(environment, "PROTOCOL")
    url = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or ""
    general = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or ""
    if not url and general:
        url = general.rstrip("/") + "/v1/traces"
    if not url:
        return None
    if protocol == "grpc":
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "gRPC is not spoken here; name the collector's HTTP port (often 4318) and http/json",
        )
    if not _is_http(url):
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "an http:// or https:// address is needed"
        )
    return url


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, or brackets that do not close
        return False


def _pairs(text: str, variable: str) -> dict[str, str]:
    """`key=value,key=value`, percent-encoded, as W3C's baggage has it."""
    pairs = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = item.partition("=")
        decoded = unquote(value.strip())
        if not equals or not key.strip() or not (key + decoded).isprintable():
            raise SettingsError(variable, "key=value pairs are needed, with commas between them")
        pairs[key.strip()] = decoded
    return pairs


def _resource(environment: Mapping[str, str]) -> dict[str, str]:
    given = _pairs(environment.get("OTEL_RESOURCE_ATTRIBUTES") or "", "OTEL_RESOURCE_ATTRIBUTES")
    resource = {"service.name": "yiyuan", **given}
    if environment.get("OTEL_SERVICE_NAME"):
        resource["service.name"] = environment["OTEL_SERVICE_NAME"]
    return resource


def _compression(environment: Mapping[str, str]) -> bool:
    wanted = _otlp(environment, "COMPRESSION")
    if wanted not in {"", "none", "gzip"}:
        raise SettingsError("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip or none")
    return wanted == "gzip"


def _ratio(sampler: str, environment: Mapping[str, str]) -> float:
    if sampler not in _SAMPLERS:
        known = ", ".join(_SAMPLERS)
        raise SettingsError(
            "OTEL_TRACES_SAMPLER",
            Message("one of {known}, alone or behind parentbased_", known=known),
        )
    if sampler == "traceidratio":
        text = environment.get("OTEL_TRACES_SAMPLER_ARG") or "1"
        ratio = _number(text, "OTEL_TRACES_SAMPLER_ARG", 1)
        if not 0 <= ratio <= 1:
            raise SettingsError("OTEL_TRACES_SAMPLER_ARG", "a number from 0 to 1")
        return ratio
    return 1.0 if sampler == "always_on" else 0.0


def _variable(environment: Mapping[str, str], name: str, default: float) -> float:
    number = _number(environment.get(name) or "", name, default)
    if number < 1:
        raise SettingsError(name, "at least 1")
    return number


def _number(text: str, variable: str, default: float) -> float:
    try:
        number = float(text) if text else default
    except ValueError:
        number = float("nan")
    if not 0 <= number < 1e9:
        raise SettingsError(variable, "a number is needed")
    return number
