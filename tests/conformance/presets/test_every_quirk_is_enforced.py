"""Every row of every preset against a server that enforces it.

Twice: the vendor refuses what tempts it, sent as it is; and what we make of the same
wish it takes. A quirk without a case fails, so that no claim stands untried.
"""

import copy
from typing import Any

import orjson
import pytest

from tests.conformance.presets import temptations as tempting
from tests.conformance.presets.temptations import Temptation, chat_presets, declared
from tests.support.upstreams.serving import Asked
from tests.support.upstreams.vendor_server import base_url, vendor
from yiyuan.dialects.canonical import GenerationRequest, Target
from yiyuan.dialects.contract import discover
from yiyuan.integrations.providers.presets import presets
from yiyuan.kernel.errors import InvalidRequest

DIALECTS = discover()
CASES = [case for name in chat_presets() for case in tempting.temptations(name)]
ENFORCING = [case for case in CASES if case.body]
OF_ANSWERS = {"account_codes", "busy_codes", "error_at", "usage_at", "session_hint"}
"""Tried over the whole gateway: `test_vendors_fail_in_their_own_way`, `test_vendors`."""
HELD_FOR = {"thinks_beside"}
"""It forbids nothing: `system/public_api/test_the_maximum_is_enforced`."""
GIVING = {"cache_marks", "traceparent"}
"""Flags that allow something: they refuse nothing."""


def refused(case: Temptation, body: dict[str, Any]) -> tuple[int, Any]:
    """What the vendor's server says to a body, without a socket between."""
    path = base_url(case.vendor, "") + "/chat/completions"
    headers = {"authorization": "Bearer k", "api-key": "k"}
    raw = orjson.dumps(body | {"model": case.model})
    answered = vendor(case.vendor)(Asked("POST", path, {}, headers, raw))
    return answered.status, answered.body


@pytest.mark.parametrize("case", ENFORCING, ids=str)
def test_the_vendor_refuses_what_its_row_says(case: Temptation) -> None:
    status, body = refused(case, case.body)
    assert status == 400, body


@pytest.mark.parametrize("case", ENFORCING, ids=str)
def test_what_a_client_asks_is_put_right_or_refused_by_name(case: Temptation) -> None:
    client = copy.deepcopy(case.client or case.body) | {"model": "public"}
    request = DIALECTS["openai_chat"].read_request(client)
    assert isinstance(request, GenerationRequest)
    quirks = presets()[case.vendor].quirks_for(case.model, {})
    target = Target(model=case.model, public_model="public", quirks=quirks)
    if case.refused_as is not None:
        with pytest.raises(InvalidRequest) as error:
            DIALECTS["openai_chat"].write_request(request, target)
        assert error.value.param == case.refused_as
        return
    upstream = DIALECTS["openai_chat"].write_request(request, target)
    status, body = refused(case, upstream)
    assert status == 200, (upstream, body)
    assert set(case.dropped) <= set(request.dropped)


MARK = {"cache_control": {"type": "ephemeral"}}
MARKED = {
    "model": "public",
    "max_tokens": 50,
    "system": [{"type": "text", "text": "Be brief.", **MARK}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "A long text.", **MARK}]}],
    "tools": [{"name": "look", "input_schema": {"type": "object", "properties": {}}, **MARK}],
}
"""A client of Messages that says at three places what is to be kept in a cache."""


def marks_in(value: Any) -> int:
    if type(value) is list:
        return sum(map(marks_in, value))
    if type(value) is not dict:
        return 0
    return ("cache_control" in value) + sum(map(marks_in, value.values()))


@pytest.mark.parametrize("name", chat_presets())
def test_marks_of_a_cache_go_where_they_are_known(name: str) -> None:
    model = tempting.row_of(name)["example"][0]
    request = DIALECTS["anthropic_messages"].read_request(copy.deepcopy(MARKED))
    assert isinstance(request, GenerationRequest)
    quirks = presets()[name].quirks_for(model, {})
    target = Target(model=model, public_model="public", quirks=quirks)
    upstream = DIALECTS["openai_chat"].write_request(request, target)
    knows = quirks is not None and "cache_marks" in quirks.flags
    assert marks_in(upstream) == (3 if knows else 0)
    assert ("cache_control" in request.dropped) is not knows
    case = Temptation(vendor=name, quirk="cache_marks", model=model, body={})
    status, body = refused(case, upstream)
    assert status == 200, body


def test_some_vendor_knows_marks_of_a_cache() -> None:
    quirks = [presets()[name].quirks_for("any", {}) for name in chat_presets()]
    assert any(each is not None and "cache_marks" in each.flags for each in quirks)


@pytest.mark.parametrize("name", chat_presets())
def test_every_quirk_has_a_case(name: str) -> None:
    tried = {case.quirk for case in CASES if case.vendor == name}
    permissive = {
        quirk
        for quirk in declared(name)
        if quirk not in tried and quirk in tempting.MAKERS and not _refuses(name, quirk)
    }
    assert declared(name) - tried - permissive - OF_ANSWERS - HELD_FOR == set()


def _refuses(name: str, quirk: str) -> bool:
    """Whether a row of the vendor sets the quirk to what forbids something."""
    row = tempting.row_of(name)
    values = [row.get("quirks", {}).get(quirk)]
    values += [table.get(quirk) for table in row.get("models", [])]
    given = [value for value in values if value is not None]
    if quirk == "flags":
        return any(set(value) - GIVING for value in given)
    return any(value not in ("both", "never", True) for value in given)
