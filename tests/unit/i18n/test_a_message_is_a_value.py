"""A refusal is rendered by its own template, whatever its fields look like."""

import json

import pytest

from yiyuan.i18n.message import Message, several
from yiyuan.i18n.templates import Templates
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import invalid

CHINESE = Templates(
    {
        'there is no account "{name}"': "没有账户“{name}”",
        "{argument} must be one of {choices}": "{argument} 须为下列之一：{choices}",
        "it failed: {reason}": "失败：{reason}",
        "too late": "太晚了",
    }
)
STRANGE = ('x"; there is no account "y', "{name}", "must be one of", "太晚了", "")


@pytest.mark.parametrize("name", STRANGE)
def test_a_field_is_never_taken_for_a_part_of_the_sentence(name):
    said = Message('there is no account "{name}"', name=name)
    assert str(said) == f'there is no account "{name}"'
    assert CHINESE.render(said) == f"没有账户“{name}”"
    sent = Message.from_document(json.loads(json.dumps(said.to_document())))
    assert (str(sent), CHINESE.render(sent)) == (str(said), CHINESE.render(said))


def test_a_sentence_within_is_rendered_too():
    said = Message("it failed: {reason}", reason=Message("too late"))
    assert (str(said), CHINESE.render(said)) == ("it failed: too late", "失败：太晚了")
    assert CHINESE.render(Message.from_document(said.to_document())) == "失败：太晚了"
    unknown = Message("it failed: {reason}", reason=Message("nobody knows"))
    assert CHINESE.render(unknown) == "失败：nobody knows"


def test_a_template_without_chinese_stays_english():
    assert CHINESE.render(Message("never translated {thing}", thing=1)) is None
    assert CHINESE.render("too late") == "太晚了"


def test_a_refusal_keeps_what_it_was_made_of():
    error = invalid("group", "must be one of {choices}", choices="{a}, b")
    assert (error.message, str(error)) == ("group must be one of {a}, b",) * 2
    assert CHINESE.render(error.said) == "group 须为下列之一：{a}, b"
    assert ServiceError("x", "as {it} is").message == "as {it} is"


def test_a_sentence_in_a_place_is_said_in_chinese_and_a_name_stays():
    templates = Templates(
        {
            "the name {reason}": "名称{reason}",
            "looks like an id": "看起来像 ID",
            "id {name}": "{name}",
        }
    )
    assert templates.render(Message("the name {reason}", reason="looks like an id")) == (
        "名称看起来像 ID"
    )
    assert templates.render(Message("the name {reason}", reason="EIO")) == "名称EIO"
    assert templates.render(Message("id {name}", name="looks like an id")) == "looks like an id"


def test_many_sentences_stand_together_and_each_is_said():
    templates = Templates({}, {"{first}; {others}": "{first}；{others}", "no {n}": "没有 {n}"})
    count = 3_000
    said = several([Message("no {n}", n=f"{number}; no x") for number in range(count)])
    assert str(said) == "; ".join(f"no {number}; no x" for number in range(count))
    assert templates.render(said) == "；".join(f"没有 {number}; no x" for number in range(count))
    assert str(several([Message("alone")])) == "alone"


def test_what_only_messages_say_is_never_guessed():
    templates = Templates({"it {failed}": "失败了：{failed}"}, {"no {n}": "没有 {n}", "none": "无"})
    assert templates.render("no 7") is None
    assert templates.render("none") == "无", "a text without places is its own template"
    assert templates.render("it is no 7") == "失败了：is no 7"
    assert templates.render(Message("no {n}", n=7)) == "没有 7"
