"""What any address of `/api` answers to a wrong method, and any file to a wrong question."""

import re

import pytest

from yiyuan.api.console.registry import ROUTES
from yiyuan.api.console.route import Download

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def methods_by_path() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for route in ROUTES:
        path = re.sub(r"\{[a-z_]+\}", "x", route.path)
        matching = {other.method for other in ROUTES if other.pattern.fullmatch(path)}
        found.setdefault(path, set()).update(matching)
    return found


def test_a_wrong_method_is_told_the_right_ones(owner):
    for path, allowed in {**methods_by_path(), "/api/openapi.json": {"GET"}}.items():
        for method in sorted(METHODS - allowed):
            answer = owner.ask(method, path)
            assert answer.status_code == 405, (method, path, answer.text)
            told = set(answer.headers["allow"].split(", "))
            assert told == allowed | ({"HEAD"} if "GET" in allowed else set()), path
            assert answer.json()["error"]["code"] == "method_not_allowed"


FILES = [route for route in ROUTES if route.answers is Download]


@pytest.mark.parametrize("route", FILES, ids=lambda route: route.path)
def test_a_file_is_refused_before_its_head(shop, owner, route):
    """No name of a file and no 200 for what was asked amiss."""
    customer = shop.customer(1_000)
    path = route.path.replace("{account}", customer.id)
    asked = route.asks.__struct_fields__
    if not {"since", "until", "month"} & set(asked):
        pytest.skip("it takes no time")
    name = "month" if "month" in asked and "since" not in asked else "since"
    answer = owner.ask("GET", f"{path}?{name}=yesterday-ish")
    assert answer.status_code == 400, answer.text[:200]
    assert answer.headers["content-type"] == "application/json"
    assert "content-disposition" not in answer.headers
    assert answer.json()["error"]["message"]
    fine = owner.ask("GET", path)
    assert fine.status_code == 200
    assert fine.content.startswith(b"\xef\xbb\xbf")


def test_what_gives_a_file_takes_no_page() -> None:
    """A file has all of it: what a list page takes besides would be ignored."""
    assert len(FILES) >= 8
    for route in FILES:
        assert not {"after", "limit"} & set(route.asks.__struct_fields__), route.path
