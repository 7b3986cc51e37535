"""What the page of a vendor says, made from its preset: where, how, what differs, since when.

Nothing of it is written by hand, so a page cannot promise what the gateway does not do.
"""

from typing import Any

from yiyuan.dialects.quirks import ErrorPlace, Quirks
from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.words import WORDS
from yiyuan.integrations.providers.presets import Preset, presets
from yiyuan.integrations.providers.registry import discover

FORMAT_WORDS = {
    "openai_chat": "Chat",
    "openai_responses": "Responses",
    "anthropic_messages": "Messages",
    "gemini": "Gemini",
}
_PLAIN = Quirks()


def vendor(_: Facts, language: str, name: str) -> str:
    """Everything that is known of one vendor."""
    preset, words = presets()[name], WORDS[language]
    parts = [f"## {preset.title[language]}", _table(preset, language)]
    if language in preset.notes:
        parts.append(preset.notes[language])
    parts += [words["vendor_catalog"], f"```toml\n{catalog(preset)}```"]
    differences = _differences(preset, words["vendor_all"])
    if differences:
        lines = (f"| {models} | `{quirk}` | {value} |" for models, quirk, value in differences)
        table = "\n".join([words["vendor_differs_head"], "|---|---|---|", *lines])
        parts += [words["vendor_differs"], table]
    parts += [words["vendor_evidence"], _evidence(preset, language)]
    return "\n\n".join(parts)


def catalog(preset: Preset) -> str:
    """Lines for a catalog file, complete as they stand but for the prices."""
    lines = ["[[channel]]", f'name = "{preset.name}"', f'provider = "{preset.name}"']
    if not discover()[preset.name].base_url:
        lines.append(f'base_url = "{_filled(preset.base_url or preset.base_url_example)}"')
    if preset.name not in _WITHOUT_KEY:
        variable = preset.name.upper().replace("-", "_") + "_API_KEY"
        lines.append(f'api_key = {{ env = "{variable}" }}')
    models = preset.example
    lines.append(f"models = {{ {', '.join(f'{_quoted(m)} = {_quoted(m)}' for m in models)} }}")
    for model in models:
        lines += ["", "[[model]]", f"name = {_quoted(model)}"]
        lines.append('price = { input = "2", cached_input = "0.5", output = "8" }')
    return "\n".join(lines) + "\n"


_WITHOUT_KEY = ("ollama", "vllm")
"""Servers of one's own, which ask for none."""


def _filled(example: str) -> str:
    """An address that a reader replaces, without braces, which no address has."""
    return example.replace("{", "your-").replace("}", "")


def _quoted(text: str) -> str:
    return f'"{text}"'


def _table(preset: Preset, language: str) -> str:
    words = WORDS[language]
    comma = words["comma"]
    rows = [
        ("`provider`", f"`{preset.name}`"),
        (words["vendor_address"], f"`{preset.base_url or preset.base_url_example}`"),
        (words["vendor_speaks"], comma.join(FORMAT_WORDS[each] for each in preset.speaks)),
    ]
    if preset.anthropic_path is not None and preset.provider == "openai":
        rows.append((words["vendor_messages"], f"`{preset.anthropic_path}/v1/messages`"))
    if preset.operations:
        rows.append((words["vendor_also"], comma.join(f"`{o}`" for o in sorted(preset.operations))))
    if preset.pass_fields:
        rows.append(
            (words["vendor_fields"], comma.join(f"`{f}`" for f in sorted(preset.pass_fields)))
        )
    if preset.balance is not None:
        rows.append((words["vendor_balance"], f"`{preset.balance.path}`"))
    lines = "\n".join(f"| {head} | {value} |" for head, value in rows)
    return f"| | |\n|---|---|\n{lines}"


def _differences(preset: Preset, every: str) -> list[tuple[str, str, str]]:
    """(models, quirk, value) of what is not as at OpenAI."""
    found = [(every, name, _shown(getattr(preset.quirks, name))) for name in _set(preset.quirks)]
    for pattern, values in preset.models:
        quirks = preset.quirks_for(pattern.replace("*", "x"), {})
        found += [(f"`{pattern}`", name, _shown(getattr(quirks, name))) for name in sorted(values)]
    return found


def _set(quirks: Quirks) -> list[str]:
    names = sorted(_PLAIN.__dataclass_fields__)
    return [name for name in names if getattr(quirks, name) != getattr(_PLAIN, name)]


def _shown(value: Any) -> str:
    """A quirk's value as a catalog file would have it."""
    match value:
        case ErrorPlace():
            return f"`{value.path}`"
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            pairs = (f"{key} = {_bare(item)}" for key, item in value.items())
            return f"`{', '.join(pairs)}`"
        case frozenset() | tuple():
            return ", ".join(f"`{item}`" for item in sorted(value))
    return f"`{value}`"


def _bare(item: Any) -> str:
    return f"[{item[0]:g}, {item[1]:g}]" if type(item) is tuple else str(item)


def _evidence(preset: Preset, language: str) -> str:
    """Where each claim is from; what the sources say is in the preset's file, in English."""
    words = WORDS[language]
    rows = []
    for each in preset.evidence:
        about = ", ".join(f"`{name}`" for name in each.about)
        link = _linked(each.source)
        rows.append(f"| {about} | {link} | {words[_MARK_WORDS[each.mark]]} | {each.read} |")
    return f"{words['vendor_evidence_head']}\n|---|---|---|---|\n" + "\n".join(rows)


def _linked(source: str) -> str:
    """An address as a link that shows its host."""
    if not source.startswith("https://"):
        return source
    return f"[{source.split('/')[2]}]({source})"


_MARK_WORDS = {"vendor": "vendor_mark_own", "third party": "vendor_mark_other"}
