"""What a customer may choose from: amounts, ways to pay, and what each would cost."""

import json
from typing import Any

from yiyuan.services.payments.methods.instances import open_instance
from yiyuan.services.payments.refunds.owed_there import owed_there
from yiyuan.services.payments.topup_rules import check_bounds, topup_rules
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.services.site.topup_rules import TopUpRules
from yiyuan.store.tables.payments.methods import all_methods
from yiyuan.store.tables.payments.refunds import open_debts
from yiyuan.store.tables.site_settings import find_profile

Json = dict[str, Any]


async def choices(context: ServiceContext, account_id: str, wanted: int | None = None) -> Json:
    """Presets, bounds, bonus steps and methods, as JSON; with the price of `wanted` micros.

    Raises ServiceError `invalid_argument` where that is outside the bounds.
    """
    rules = topup_rules(await read_site(context))
    amounts = list(rules.presets)
    if wanted is not None:
        check_bounds(rules, wanted)
        amounts.append(wanted)
    is_test = bool((await find_profile(context.database, account_id)).is_test)
    methods = []
    for row in await all_methods(context.database):
        instance = open_instance(context, row)
        currency = (instance.config["currency"] or "cny").lower()
        if not row.enabled or currency not in rules.rates_ppm or (row.is_test and not is_test):
            continue
        methods.append(
            {
                "id": row.id,
                "name": row.name,
                "kind": row.kind,
                "title_en": instance.method.title.en,
                "title_zh": instance.method.title.zh,
                "types": list(instance.method.types(instance.config)),
                "currency": currency,
                "is_test": bool(row.is_test),
                "prices": [_price(rules, preset, currency) for preset in amounts],
            }
        )
    debts = await open_debts(context.database, account_id)
    return {
        "presets": list(rules.presets),
        "min": rules.min_micros,
        "max": rules.max_micros,
        "bonus": [json.loads(json.dumps(step._asdict())) for step in rules.bonus],
        "methods": methods,
        "debt": sum(debt.amount - debt.collected for debt in debts)
        + await owed_there(context, account_id),
    }


def _price(rules: TopUpRules, preset: int, currency: str) -> Json:
    price = rules.price(preset, currency)
    return {
        "wanted": preset,
        "amount_minor": price.amount_minor,
        "credit": price.credit,
        "bonus": price.bonus,
    }
