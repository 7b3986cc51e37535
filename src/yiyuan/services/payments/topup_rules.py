"""The operator's settings for top-ups, read into rules."""

from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings
from yiyuan.services.site.topup_rules import TopUpRules, read_bonus, read_currencies, read_presets


def check_bounds(rules: TopUpRules, amount_micros: int) -> None:
    """Raises ServiceError `invalid_argument` for what is too little or too much."""
    if not rules.min_micros <= amount_micros <= rules.max_micros:
        message = Message(
            "an order is of {least} to {most} 词元", least=rules.min_micros, most=rules.max_micros
        )
        raise ServiceError("invalid_argument", message)


def topup_rules(site: SiteSettings) -> TopUpRules:
    """What holds for orders made now."""
    return TopUpRules(
        rates_ppm=read_currencies(site.topup_currencies),
        presets=read_presets(site.topup_presets),
        min_micros=site.topup_min,
        max_micros=site.topup_max,
        bonus=read_bonus(site.topup_bonus),
    )
