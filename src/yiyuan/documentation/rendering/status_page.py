"""The status page as HTML: what `/status.json` says, for people and without scripts.

Bars differ in height and colour, so neither needs the other; whoever sees none of them has
the sums, and the hours with errors as a table.
"""

from datetime import datetime, timedelta
from html import escape
from typing import Any

from yiyuan.documentation.content.status_words import STATUS_WORDS
from yiyuan.documentation.rendering.frames import OTHER, alternates, frame, whole

Json = dict[str, Any]
PATH = "/status"

_SHORT = {"ok": "a", "some_errors": "b", "many_errors": "c", "no_data": "d"}
"""Classes of bars, of which there are thousands."""
_FINE, _FAIR = 99, 90


def status_page(document: Json, language: str, public_url: str) -> str:
    """The whole page; `document` is that of `/status.json`."""
    words = STATUS_WORDS[language]
    state = document["state"]
    headline = words[f"now_{state}"]
    if any(each["resolved"] is None for each in document["incidents"]):
        separator = " " if language == "en" else ""
        headline = f"{words['open_incident']}{separator}{headline}"
    main = frame("status").substitute(
        title=words["title"],
        state=state,
        headline=headline,
        updated=words["updated"].format(time=_time(document["updated"])),
        incidents_title=words["incidents"],
        incidents=_incidents(document["incidents"], language),
        models_title=words["models"],
        explained=words["explained"],
        models=_models(document, words),
        json=words["json"],
    )
    return _whole(main, language, words["title"], public_url)


def status_notice(kind: str, language: str, public_url: str) -> str:
    """A page that only says why there is none: `customers_only` or `away`."""
    words = STATUS_WORDS[language]
    link = f'<p><a href="/console">{words["sign_in"]}</a></p>' if kind == "customers_only" else ""
    main = (
        '<main id="content" tabindex="-1" class="plain"><article>'
        f"<h1>{words[kind]}</h1><p>{words[f'{kind}_text']}</p>{link}</article></main>"
    )
    return _whole(main, language, words[kind], public_url)


def _whole(main: str, language: str, title: str, public_url: str) -> str:
    addresses = {each: f"{PATH}?lang={each}" for each in STATUS_WORDS}
    return whole(
        language,
        main,
        title=title,
        description=STATUS_WORDS[language]["description"],
        other=addresses[OTHER[language]],
        links=alternates(addresses, addresses[language], public_url),
        has_status=True,
    )


def _incidents(found: list[Json], language: str) -> str:
    words = STATUS_WORDS[language]
    if not found:
        return f"<p>{words['no_incidents']}</p>"
    return "\n".join(_incident(each, language) for each in found)


def _incident(each: Json, language: str) -> str:
    words = STATUS_WORDS[language]
    began, ended = _time(each["began"]), each["resolved"]
    span = words["since" if ended is None else "span"]
    facts = [span.format(began=began, resolved=_time(ended) if ended else "")]
    if each["models"]:
        names = ", ".join(f"<code>{escape(name)}</code>" for name in each["models"])
        facts.append(words["about"].format(models=names))
    lines = "".join(f"<p>{fact}</p>" for fact in facts)
    updates = "".join(_update(update, language) for update in each["updates"])
    kind = "incident" if ended else "incident lasts"
    title = escape(_said(each, "title", language))
    return (
        f'<section class="{kind}"><h3 id="{escape(each["id"])}">{title}</h3>'
        f'<div class="as-of">{lines}</div><ol>{updates}</ol></section>'
    )


def _update(update: Json, language: str) -> str:
    text = escape(_said(update, "text", language))
    said = f'<p class="said">{text}</p>' if text else ""
    state = STATUS_WORDS[language][update["state"]]
    return f"<li><p><strong>{state}</strong> · {_time(update['at'])}</p>{said}</li>"


def _said(row: Json, name: str, language: str) -> str:
    """A text for this reader."""
    other = row[f"{name}_zh"] if language == "zh" else None
    return str(other or row[name])


def _models(document: Json, words: dict[str, str]) -> str:
    if not document["models"]:
        return f"<p>{words['no_models']}</p>"
    first = datetime.fromisoformat(document["first_hour"])
    legend = "".join(
        f'<li><i class="{short}"></i>{words[f"legend_{how}"]}</li>' for how, short in _SHORT.items()
    )
    rows = "\n".join(_model(each, first, words) for each in document["models"])
    return (
        f'<ul class="legend" aria-label="{words["legend"]}">{legend}</ul>'
        f'<ul class="models">\n{rows}\n</ul>'
    )


def _model(model: Json, first: datetime, words: dict[str, str]) -> str:
    name, hours = escape(model["name"]), model["hours"]
    bars = "".join(
        f'<i class="{_SHORT[_how(share)]}" title="{_hour(first, i)} · {_share(share, words)}"></i>'
        for i, share in enumerate(hours)
    )
    known = [share for share in hours if share is not None]
    fine = sum(share >= _FINE for share in known)
    label = words["bars"].format(
        model=name,
        hours=len(hours),
        fine=fine,
        bad=len(known) - fine,
        none=len(hours) - len(known),
    )
    day, week = _share(model["day"], words), _share(model["week"], words)
    return (
        f'<li><h3><code>{name}</code> <span class="how {model["state"]}">'
        f"{words[model['state']]}</span></h3>"
        f'<div class="strip" role="img" aria-label="{label}">{bars}</div>'
        f'<p class="as-of">{words["day"]}: {day} · {words["week"]}: {week}</p>'
        f"{_details(hours, first, words)}</li>"
    )


def _details(hours: list[int | None], first: datetime, words: dict[str, str]) -> str:
    """The hours in which something failed, the latest first."""
    rows = "".join(
        f"<tr><td>{_hour(first, i)}</td><td>{share} %</td></tr>"
        for i, share in reversed(list(enumerate(hours)))
        if share is not None and share < 100
    )
    if not rows:
        return ""
    heads = f'<tr><th scope="col">{words["hour"]}</th><th scope="col">{words["answered"]}</th></tr>'
    return (
        f"<details><summary>{words['details']}</summary>"
        f"<table><thead>{heads}</thead><tbody>{rows}</tbody></table></details>"
    )


def _how(share: int | None) -> str:
    if share is None:
        return "no_data"
    if share >= _FINE:
        return "ok"
    return "some_errors" if share >= _FAIR else "many_errors"


def _share(share: float | None, words: dict[str, str]) -> str:
    return words["no_data"] if share is None else f"{share:g} %"


def _hour(first: datetime, index: int) -> str:
    return f"{first + timedelta(hours=index):%m-%d %H:00}"


def _time(text: str) -> str:
    """A time to the minute, in UTC as all times are."""
    return f'<time datetime="{text}">{text[:10]} {text[11:16]} UTC</time>'
