"""The tracer, where OpenTelemetry's own variables ask for one."""

from yiyuan import __version__
from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.kernel.settings import Settings
from yiyuan.telemetry.trace.settings import read_trace_settings
from yiyuan.telemetry.trace.tracer import Tracer


def tracer_of(settings: Settings) -> Tracer | None:
    """Raises SettingsError, which names the variable and never its value."""
    found = read_trace_settings(settings.environment)
    try:
        return None if found is None else Tracer(found, __version__)
    except OSError:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_CERTIFICATE", "there is no file of certificates that can be read"
        ) from None
