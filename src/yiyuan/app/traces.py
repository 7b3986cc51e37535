"""The tracer, where OpenTelemetry's own variables ask for one."""

from yiyuan import __version__
from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.kernel.settings import Settings
from yiyuan.telemetry.trace.settings import read_trace_settings
from yiyuan.telemetry.trace.tracer import Tracer


def tracer_of(settings: Settings) -> Tracer | None:
    """Raises SettingsError, which names the variable and never its value."""
    try:
        found = read_trace_settings(settings.environment)
        return None if found is None else Tracer(found, __version__)
    except (ValueError, OSError) as error:
        variable, _, reason = str(error).partition(": ")
        raise SettingsError(variable, reason) from None
