"""Which languages there are, and which of them a reader prefers."""

LANGUAGES = ("en", "zh")


def choose_language(accept_language: str | None, default: str) -> str:
    """The first of our languages that an `Accept-Language` value prefers."""
    best, best_weight = default, 0.0
    for item in (accept_language or "")[:200].lower().split(","):
        tag, _, parameter = item.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        language = tag.split("-")[0]
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
