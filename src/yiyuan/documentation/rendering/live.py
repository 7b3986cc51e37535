"""The parts of a page that are not written but known: tables of models, limits, versions.

A page asks for one with a line of its own, `<!-- live NAME -->` or `<!-- live NAME
ARGUMENT -->`, which other readers of Markdown do not show. What is asked for and not
known here is a KeyError, which the tests see first.
"""

import re
from collections.abc import Callable

from yiyuan.documentation.content import client_results
from yiyuan.documentation.content.facts import Facts, ModelFacts
from yiyuan.documentation.content.sources import changes_text
from yiyuan.documentation.content.words import WORDS
from yiyuan.documentation.reference.openapi import refusals_of
from yiyuan.documentation.reference.operations import operations
from yiyuan.documentation.rendering.vendor import vendor
from yiyuan.kernel.money import PPM, format_millionths
from yiyuan.pricing.model import Tier, effective_limit
from yiyuan.pricing.price import to_document

Block = Callable[[Facts, str, str], str]

_METERS = ("input", "cached_input", "cache_write", "cache_write_1h", "output", "request")


def table(heads: list[str], rows: list[list[str]], *, numbers_from: int = 1) -> str:
    """A Markdown table whose columns from `numbers_from` on are aligned as numbers."""
    marks = ["---" if i < numbers_from else "--:" for i in range(len(heads))]
    lines = [heads, marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def models(facts: Facts, language: str, _: str) -> str:
    """Every model with its price and sizes."""
    words = WORDS[language]
    if not facts.models:
        return words["no_models"]
    documents = {model.name: to_document(model.price) for model in facts.models}
    shown = [m for m in _METERS if any(m in document for document in documents.values())]
    heads = [words["model"], *(words[f"price_{m}"] for m in shown), words["context"], words["most"]]
    rows = [
        [
            f"`{model.name}`",
            *(str(documents[model.name].get(meter, "–")) for meter in shown),
            _count(model.context_tokens),
            _count(model.max_output_tokens),
        ]
        for model in facts.models
    ]
    return "\n\n".join([table(heads, rows), *_overlays(facts, language)])


def limits(facts: Facts, language: str, _: str) -> str:
    """Requests a minute by model and balance, and what else is limited."""
    words = WORDS[language]
    if not facts.models:
        return words["no_models"]
    heads = [words["model"], *(_from(t.min_balance_micros, language) for t in facts.tiers)]
    rows = [
        [f"`{model.name}`", *(_limit(model.rpm, t, language) for t in facts.tiers)]
        for model in facts.models
    ]
    also = [line for model in facts.models for line in _also(model, language)]
    return "\n\n".join([table(heads, rows), *also])


def prices_by_tier(facts: Facts, language: str, _: str) -> str:
    """What tiers do to prices, where they do."""
    words = WORDS[language]
    rows = [
        [_from(tier.min_balance_micros, language), f"× {format_millionths(tier.price_factor_ppm)}"]
        for tier in facts.tiers
    ]
    if all(tier.price_factor_ppm == PPM for tier in facts.tiers):
        return words["no_discounts"]
    return table([words["balance"], words["price"]], rows)


def changes(_: Facts, language: str, __: str) -> str:
    """The list of changes, without its title."""
    return changes_text(language).partition("\n")[2].strip()


def clients(_: Facts, language: str, client: str) -> str:
    """With which versions the clients were seen to work; all of them, or one."""
    return client_results.results(language, client)


def parameters(_: Facts, language: str, operation: str) -> str:
    """The parameters of one operation."""
    words = WORDS[language]
    rows = []
    for each in operations()[operation].parameters:
        text = each.texts[language]
        if each.is_required:
            text += words["is_required"]
        elif each.default is not None:
            text += words["has_default"].format(value=each.default)
        rows.append([f"`{each.name}`", each.type.replace("|", "\\|"), text])
    heads = [words["parameter"], words["type"], words["description"]]
    return table(heads, rows, numbers_from=3)


def api(facts: Facts, language: str, _: str) -> str:
    """Every operation with its parameters and refusals."""
    words = WORDS[language]
    parts = []
    for operation in operations().values():
        parts += [f"## {operation.method.upper()} /v1{operation.path}", operation.titles[language]]
        if operation.parameters:
            parts.append(parameters(facts, language, operation.name))
        statuses = words["comma"].join(f"`{status}`" for status in refusals_of(operation))
        parts.append(words["refuses"].format(statuses=statuses))
    return "\n\n".join(parts)


BLOCKS: dict[str, Block] = {
    "api": api,
    "changes": changes,
    "clients": clients,
    "limits": limits,
    "models": models,
    "parameters": parameters,
    "prices-by-tier": prices_by_tier,
    "vendor": vendor,
}


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _limit(base: int | None, tier: Tier, language: str) -> str:
    if base is None:
        return WORDS[language]["unlimited"]
    return f"{effective_limit(base, tier):,}"


def _from(balance_micros: int, language: str) -> str:
    """The head of a tier's column."""
    if balance_micros == 0:
        return WORDS[language]["any_balance"]
    yuan = format_millionths(balance_micros)
    whole, _, rest = yuan.partition(".")
    shown = f"{int(whole):,}" + (f".{rest}" if rest else "")
    return WORDS[language]["from_balance"].format(yuan=shown)


def _also(model: ModelFacts, language: str) -> list[str]:
    """The further limits of one model."""
    words = WORDS[language]
    lines = []
    if model.tpm is not None:
        lines.append(words["tokens_a_minute"].format(model=model.name, count=f"{model.tpm:,}"))
    if model.concurrency is not None:
        lines.append(words["at_once"].format(model=model.name, count=model.concurrency))
    return lines


def _overlays(facts: Facts, language: str) -> list[str]:
    """A sentence for each price that depends on the size of the input or the hour."""
    words = WORDS[language]
    sentences = []
    for model in facts.models:
        document = to_document(model.price)
        for step in document.get("steps", []):
            count = f"{step['min_input_tokens']:,}"
            sentences.append(words["step"].format(m=model.name, n=count, p=_spelt(step, language)))
        for hours in document.get("hours", []):
            span = hours["utc"]
            sentences.append(words["hours"].format(m=model.name, n=span, p=_spelt(hours, language)))
    return sentences


def _spelt(line: dict[str, str], language: str) -> str:
    """The prices of an overlay, in words."""
    words = WORDS[language]
    parts = [f"{words['price_' + meter]} {line[meter]}" for meter in _METERS if meter in line]
    return words["comma"].join(parts)


def fill(text: str, facts: Facts, language: str) -> str:
    """Replace each line that asks for a block."""
    return re.sub(
        r"^<!-- live ([a-z-]+) ?(\S*) -->$",
        lambda found: BLOCKS[found[1]](facts, language, found[2]),
        text,
        flags=re.MULTILINE,
    )
