"""Answers in which a name stands twice: what is verified must be what is read."""

import base64

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.payment_gateways.keys import private_key
from tests.support.payment_gateways.partner import bare, key_pair
from yiyuan.integrations.call import Answer
from yiyuan.integrations.payments.alipay.gateway import answered
from yiyuan.integrations.payments.json_answer import json_object
from yiyuan.integrations.payments.values import Config

THEIRS, THEIRS_PUBLIC = key_pair("platform")
CONFIG = Config({"app_id": "2021", "alipay_public_key": bare(THEIRS_PUBLIC)}, {})
METHOD, MEMBER = "alipay.trade.query", '"alipay_trade_query_response"'
GENUINE = '{"code":"10000","trade_status":"WAIT_BUYER_PAY"}'
FORGED = '{"code":"10000","trade_status":"TRADE_SUCCESS"}'


def sign() -> str:
    """Alipay's signature of the genuine member."""
    made = private_key(THEIRS).sign(GENUINE.encode(), PKCS1v15(), SHA256())
    return '"' + base64.b64encode(made).decode() + '"'


def read(body: str):
    """What is read of an answer, if it proves anything."""
    return answered(CONFIG, METHOD, Answer(200, {}, body.encode()))


def test_the_signed_member_alone_is_read():
    assert read(f'{{{MEMBER}:{GENUINE},"sign":{sign()}}}') == orjson.loads(GENUINE)
    assert read(f'{{{MEMBER}:{FORGED},"sign":{sign()}}}') is None


@pytest.mark.parametrize("second", [MEMBER, MEMBER.replace("_query", "\\u005fquery")])
@pytest.mark.parametrize("parts", [(GENUINE, FORGED), (FORGED, GENUINE), (GENUINE, GENUINE)])
def test_a_member_that_stands_twice_proves_nothing(second, parts):
    first, last = parts
    assert read(f'{{{MEMBER}:{first},"sign":{sign()},{second}:{last}}}') is None
    assert read(f'{{{MEMBER}:{first},{second}:{last},"sign":{sign()}}}') is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"b":{"a":1,"a":2}}',
        b'{"b":[{"a":1,"\\u0061":2}]}',
        b'{"sign":1,"sign":2}',
    ],
)
def test_a_name_that_is_repeated_anywhere_makes_an_answer_none(body):
    assert json_object(body) is None


def test_names_of_different_objects_are_not_repeated_and_depth_is_survived():
    assert json_object(b'{"a":{"a":1},"b":[{"a":1},{"a":2}]}') is not None
    assert json_object(b'{"a":' + b"[" * 500_000 + b"]" * 500_000 + b"}") is None
