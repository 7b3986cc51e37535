"""What the console refuses is told in Chinese to whoever reads Chinese, particulars included."""

import pytest

from tests.project.tidy.tree import files
from tests.system.cli.test_chinese import HAN
from tests.system.cli.test_chinese_dictionary import ONLY_THE_CONSOLE, complaints_about, messages
from yiyuan.api.console.errors import refusal
from yiyuan.i18n.zh import in_chinese
from yiyuan.services.shared.errors import ServiceError

OF_ONE_SENTENCE = {
    *("sign_up_closed", "totp_required", "link_not_valid", "code_not_valid", "code_expired"),
    *("code_limit", "already_redeemed", "unavailable", "weak_password", "not_found"),
    *("request_too_large", "method_not_allowed", "json_only", "wrong_origin", "not_signed_in"),
    *("invalid_json", "invalid_argument", "flow_not_valid", "sign_in_cancelled"),
}
"""Codes whose Chinese says it all, or that are said of what no page of ours sends."""


def test_every_refusal_of_a_page_has_its_chinese():
    rooms = (*ONLY_THE_CONSOLE, "src/yiyuan/api/console/")
    paths = [path for path in files(".py", under="src/yiyuan/") if str(path).startswith(rooms)]
    assert len(paths) > 30
    found = [(code.strip("'"), text) for path in paths for code, text in messages(path)]
    assert len(found) > 40
    unknown = {
        (code, str(text))
        for code, text in found
        if in_chinese(text) is None and code not in OF_ONE_SENTENCE - {"invalid_argument"}
    }
    assert unknown == {
        ("invalid_argument", "after is no cursor of this list"),
        ("not_allowed", "your role may not do this"),
        ("wrong_credentials", "incorrect e-mail or password"),
    }


def test_every_complaint_about_what_only_a_page_sends_has_its_chinese():
    paths = [
        path
        for path in files(".py", under="src/yiyuan/services/")
        if path.as_posix().startswith(ONLY_THE_CONSOLE)
    ]
    found = complaints_about(paths)
    assert len(found) > 5
    assert [str(text) for text in found if not HAN.search(in_chinese(text) or "")] == []


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("settings/topup_link", {"value": "javascript:x"}, "https:// 或 http:// 开头"),
        ("settings/site_name", {"value": "x" * 1000}, "最多"),
        ("settings/low_balance", {"value": -1}, "整数"),
        ("models/new", {"price": {"input": "x", "output": "1"}}, "不是最多六位小数的数"),
        ("tiers", {"tiers": [{"min_balance": 0}, {"min_balance": 0}]}, "从同一余额开始"),
    ],
)
def test_a_form_is_refused_in_chinese(owner, path, body, expected):
    answer = owner.ask("PUT", f"/api/operator/{path}", body, accept_language="zh")
    said = answer.json()["error"]["message"]
    assert answer.status_code == 400
    assert expected in said, said


def test_a_channel_is_refused_in_chinese(owner):
    asked = {
        "name": "neu",
        "provider": "openai",
        "base_url": "https://example.com/v1",
        "models": [{"model": "unsold", "upstream_model": "x"}],
    }
    answer = owner.ask("POST", "/api/operator/channels", asked, accept_language="zh")
    assert answer.json()["error"]["message"] == (
        "没有对外提供的模型“unsold”，请先在“模型与定价”中添加"
    )


def test_the_last_owner_is_not_told_of_a_role():
    said = refusal(ServiceError("not_allowed", "the last owner stays one"), "zh", "ex_1")
    assert said.error.message == "最后一位所有者须保留其角色。"
    other = refusal(ServiceError("not_allowed", "your role may not do this"), "zh", "ex_1")
    assert other.error.message == "您的角色没有此操作的权限。"
    assert HAN.search(refusal(ServiceError("unknown", "x y z"), "zh", "ex_1").error.message) is None
