"""How bodies come in, by the settings of what one client may cost."""

from yiyuan.gateway.request.answer_room import AnswerRoom
from yiyuan.gateway.request.body_budget import BodyBudget
from yiyuan.gateway.request.heavy_work import HeavyWork
from yiyuan.gateway.request.intake import Intake
from yiyuan.gateway.request.refusals import Refusals
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.settings import Settings


def intake_of(settings: Settings, clock: Clock) -> Intake:
    """The intake of one process."""
    memory = settings.body_memory_bytes, settings.account_body_memory_bytes
    return Intake(
        BodyBudget(*memory),
        AnswerRoom(*memory),
        Refusals(settings.refused_per_minute, clock),
        HeavyWork(),
        settings.body_bytes_max,
    )
