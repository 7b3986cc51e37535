"""A refusal is rendered by its own template, whatever its fields look like."""

import json

import pytest

from yiyuan.i18n.message import Message, WrongValue, joined, several
from yiyuan.i18n.templates import Templates
from yiyuan.services.shared.command import progress_of
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


def test_a_sentence_goes_on_with_what_a_value_must_be():
    templates = Templates(
        {},
        {
            "{argument} must be from {least} to {most}": "{argument} 须在 {least} 到 {most} 之间",
            "{argument} must be {{ path }}": "{argument} 须为 {{ path }}",
            "must be {{ path }}": "须为 {{ path }}",
        },
    )
    wrong = WrongValue("must be from {least} to {most}", least=1, most=9)
    assert (str(wrong), isinstance(wrong, ValueError)) == ("must be from 1 to 9", True)
    said = joined("{argument}", wrong.said, argument="{most}")
    assert (str(said), templates.render(said)) == (
        "{most} must be from 1 to 9",
        "{most} 须在 1 到 9 之间",
    )
    plain = joined("{argument}", "must be { path }", argument="x")
    assert (str(plain), templates.render(plain)) == ("x must be { path }", "x 须为 { path }")
    assert templates.render("must be { path }") == "须为 { path }"


def test_progress_tells_numbers_a_sentence_and_what_to_render():
    said = Message("saved {done:,} of {total:,} rows", done=1_000, total=2_000)
    progress = json.loads(json.dumps(progress_of(said, done=1_000, total=2_000)))
    assert (progress["done"], progress["message"]) == (1_000, "saved 1,000 of 2,000 rows")
    templates = Templates({}, {said.template: "已保存 {done:,} / {total:,} 行"})
    assert templates.render(Message.from_document(progress["said"])) == "已保存 1,000 / 2,000 行"
