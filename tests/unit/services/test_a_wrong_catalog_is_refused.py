"""A wrong file is refused as a whole, and the error names file, line and field."""

import pytest

from yiyuan.services.catalog.reading.file import read_catalog, references
from yiyuan.services.catalog.reading.toml_fields import Source
from yiyuan.services.shared.errors import ServiceError

CHANNEL = """[[channel]]
name = "c"
provider = "openai"
base_url = "https://host/v1"
api_key = "sk-SECRET"
models = { "m" = "up" }
"""
MODEL = """[[model]]
name = "m"
price = { input = "1", output = "2" }
"""


def read(text, **environment):
    return read_catalog(Source(text, "c.toml"), environment)


def fault(text, **environment):
    with pytest.raises(ServiceError) as caught:
        read(text, **environment)
    assert caught.value.code == "invalid_catalog"
    assert "SECRET" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ("nonsense = 1", "7: channel.nonsense", "is not known; known are allow_private, api_key"),
        ("priority = 1.5", "7: channel.priority", "must be an integer, not a floating"),
        ("priority = true", "7: channel.priority", "must be an integer, not a boolean"),
        ("weight = -1", "7: channel.weight", "must be from 0 to"),
        ("weight = 99999999999999999999999", "7: channel.weight", "must be from 0"),
        ("timeout = 0", "7: channel.timeout", "more than 0"),
        ("timeout = nan", "7: channel.timeout", "more than 0"),
        ("timeout = inf", "7: channel.timeout", "at most 86400"),
        ('timeout = "9"', "7: channel.timeout", "must be a number of seconds, not a string"),
        ("allow_private = 1", "7: channel.allow_private", "must be true or false"),
        ('on_disconnect = "wait"', "7: channel.on_disconnect", "one of cancel, drain"),
        ('proxy = "ftp://h:1"', "7: channel.proxy", "http:// or https:// or socks5://"),
        ('proxy = "http://u:SECRET@h:1"', "7: channel.proxy", "must not hold credentials"),
        ('proxy = "http://h:1/path"', "7: channel.proxy", "must end after the port"),
        ('headers = { "a b" = "x" }', '7: channel.headers."a b"', "not the name of a header"),
        ('headers = { A = "x", a = "y" }', "7: channel.headers.a", "stands here twice"),
        ('headers = { a = "x\\r\\nb: c" }', "7: channel.headers.a", "printable ASCII"),
        ('headers = { Authorization = "SECRET" }', "7: channel.headers.Author", "belong into api_"),
        ('headers = { Host = "x" }', "7: channel.headers.Host", "is set by the gateway"),
        ('native_completions = ["x"]', "7: channel.native_completions[0]", "not among the models"),
        ('native_completions = "m"', "7: channel.native_completions", "must be a list"),
        ('native_completions = [\n"m",\n"m"]', "9: channel.native_completions[1]", "twice"),
        ('cost = { x = { input = "1", output = "1" } }', "7: channel.cost.x", "not among"),
        ('cost = { m = { input = "1" } }', "7: channel.cost.m.output", "is required"),
        ('cost.m = { input = 1.5, output = "1" }', "7: channel.cost.m.input", "be a string"),
    ],
)
def test_a_wrong_field_of_a_channel(line, place, reason):
    message = fault(CHANNEL + line + "\n" + MODEL)
    assert message.startswith(f"c.toml:{place}"), message
    assert reason in message


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('name = "c"', "", "1: channel.name", "is required"),
        ('name = "c"', 'name = ""', "2: channel.name", "1 to 100 characters"),
        ('name = "c"', 'name = " c"', "2: channel.name", "printable"),
        ('name = "c"', 'name = "c\\u001b[1m"', "2: channel.name", "printable"),
        ('name = "c"', f'name = "ch_{"0" * 32}"', "2: channel.name", "looks like an id"),
        ('"openai"', '"nobody"', "3: channel.provider", "must be one of anthropic, azure, bedrock"),
        ('"openai"', "7", "3: channel.provider", "must be a string, not an integer"),
        ("https://host/v1", "ftp://host", "4: channel.base_url", "begins with http://"),
        ("https://host/v1", "https://", "4: channel.base_url", "begins with http://"),
        ("https://host/v1", "https://h:99999/v1", "4: channel.base_url", "is not an address"),
        ("https://host/v1", "https://[::1/v1", "4: channel.base_url", "is not an address"),
        ("https://host/v1", "https://u:SECRET@h/v1", "4: channel.base_url", "not hold credentials"),
        ("https://host/v1", "https://h/v1?a=b", "4: channel.base_url", "neither ? nor #"),
        ("https://host/v1", "https://h/v1#", "4: channel.base_url", "neither ? nor #"),
        ("https://host/v1", "https://h/a b", "4: channel.base_url", "begins with http://"),
        ('"sk-SECRET"', '""', "5: channel.api_key", "printable ASCII"),
        ('"sk-SECRET"', '"SECRET SECRET"', "5: channel.api_key", "without spaces"),
        ('"sk-SECRET"', "5", "5: channel.api_key", 'a string or { env = "NAME" }'),
        ('"sk-SECRET"', '{ env = "A", x = 1 }', "5: channel.api_key", "a string or"),
        ('"sk-SECRET"', '{ env = "1A" }', "5: channel.api_key.env", "the name of a variable"),
        ('"sk-SECRET"', '{ env = "YIYUAN_X" }', "5: channel.api_key.env", "our own variables"),
        ('"sk-SECRET"', '[\n"ok",\n5]', "7: channel.api_key[1]", "must be a string or"),
        ('{ "m" = "up" }', '{ "m" = 1 }', "6: channel.models.m", "must be a string"),
        ('{ "m" = "up" }', '{ "a,b" = "x" }', '6: channel.models."a,b"', "without spaces and"),
        ('{ "m" = "up" }', '["m"]', "6: channel.models", "must be a table, not a list"),
    ],
)
def test_a_wrong_value_in_a_channel(old, new, place, reason):
    message = fault(CHANNEL.replace(old, new) + MODEL)
    assert message.startswith(f"c.toml:{place}"), message
    assert reason in message


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("rpm = 0", "4: model.rpm", "must be from 1"),
        ("concurrency = 9223372036854775808", "4: model.concurrency", "must be from 1 to"),
        ("tpm = 9223372036854775808", "4: model.tpm", "must be from 1 to 9223372036854775807"),
        ("input_factor = 1.5", "4: model.input_factor", 'must be a string: write "1.5"'),
        ('input_factor = "0"', "4: model.input_factor", "more than 0"),
        ("[model.price2]", "4: model.price2", "is not known"),
        (
            '[[model]]\nname = "m"\nprice = { input = "1", output = "1" }',
            "5: model.name",
            "another",
        ),
        ("[[tier]]\nrate = 1", "4: tier.min_balance", "is required"),
        ("[[tier]]\nmin_balance = 0\nrate = 0", "6: tier.rate", "must be more than 0"),
        ('[[tier]]\nmin_balance = 0\nrate = "1.0000001"', "6: tier.rate", "six places"),
        ("[[tier]]\nmin_balance = -1\nrate = 1", "5: tier.min_balance", "must be from 0"),
        (
            "[[tier]]\nmin_balance = 0\nrate = 1\n[[tier]]\nmin_balance = 0\nrate = 2",
            "8: tier.min_balance",
            'another tier "0"',
        ),
        ("[channels]\nx = 1", "4: channels", "is not known; known are channel, group, model, tier"),
        ("[tier]\nmin_balance = 0", "4: tier", "write [[tier]]"),
    ],
)
def test_wrong_models_and_tiers(text, place, reason):
    message = fault(MODEL + text + "\n")
    assert message.startswith(f"c.toml:{place}"), message
    assert reason in message


@pytest.mark.parametrize(
    ("price", "place", "reason"),
    [
        ('{ input = "1" }', "price.output", "is required"),
        ('{ input = "1", output = 0.5 }', "price.output", "a decimal number must be a string"),
        ('{ input = "1", output = "-1" }', "price.output", "decimal"),
        ('{ input = "1", output = "1", cache = "1" }', "price.cache", "is not known"),
        (
            '{ input = "1", output = "1", steps = [{ min_input_tokens = 0, input = "2" }] }',
            "price.steps[0].min_input_tokens",
            "at least 1",
        ),
        (
            '{ input = "1", output = "1", hours = [{ utc = "25:00-26:00", input = "2" }] }',
            "price.hours[0].utc",
            "must be hours",
        ),
        ('"30"', "price", "must be a table"),
    ],
)
def test_a_wrong_price(price, place, reason):
    message = fault(f'[[model]]\nname = "m"\nprice = {price}\n')
    assert message.startswith(f"c.toml:3: model.{place}: "), message
    assert reason in message


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = ", 2), ("a = 1\n[[x]\n", 2), ("a = 1\na = 2\n", 2), ('a = "unfinished', 1)],
)
def test_what_is_not_toml(text, line):
    assert fault(text).startswith(f"c.toml:{line}: is not TOML: ")


def test_a_text_that_is_too_large_or_too_deep():
    assert "is larger than" in fault("#" + "x" * 1024 * 1024)
    assert fault("a = " + "[" * 100_000)


def test_the_variables_that_keys_name():
    text = CHANNEL.replace('"sk-SECRET"', '[{ env = "A" }, "x", { env = "B" }, { env = "A" }]')
    assert references(text + MODEL) == ["A", "B"]
    (channel,) = read(text, A=" a\n").channels
    assert [(key.secret, key.source) for key in channel.keys] == [
        ("a", "A"),
        ("x", None),
        (None, "B"),
        ("a", "A"),
    ]
    assert references("not toml [") == []
    assert references("channel = 5") == []
    assert references('[[channel]]\napi_key = { env = "no name" }') == []


def test_a_key_is_never_in_a_repr():
    (channel,) = read(CHANNEL).channels
    assert "SECRET" not in repr(channel)


def test_everything_the_contract_shows_is_read():
    contract = """
[[channel]]                       # an upstream
name = "openai"
provider = "openai"
base_url = "https://api.openai.com/v1/"
api_key = { env = "OPENAI_API_KEY" }
models = { "gpt-4" = "gpt-4.1" }
native_completions = []
priority = 0
weight = 1
timeout = 600
proxy = "http://127.0.0.1:7890"
headers = {}
allow_private = true
on_disconnect = "cancel"
stream_usage = true
cost = { "gpt-4" = { input = "25", output = "50" } }

[[model]]
name = "gpt-4"
rpm = 500
context_tokens = 8192
max_output_tokens = 4096
price = { input = "30", cached_input = "15", output = "60" }

[[tier]]
min_balance = 0
rate = 1
"""
    catalog = read(contract, OPENAI_API_KEY="k")
    (channel,), (model,), (tier,) = catalog.channels, catalog.models, catalog.tiers
    assert channel.base_url == "https://api.openai.com/v1"
    assert channel.proxy == "http://127.0.0.1:7890"
    assert (channel.timeout_seconds, channel.allow_private) == (600, True)
    assert channel.costs == {"gpt-4": '{"input":"25","output":"50"}'}
    assert (model.rpm, model.context_tokens, model.max_output_tokens) == (500, 8192, 4096)
    assert model.price.base.cached_input == 15_000_000
    assert (tier.min_balance_micros, tier.rate_ppm, tier.price_factor_ppm) == (0, 10**6, 10**6)


def test_defaults_are_the_contracts():
    (channel,) = read(CHANNEL).channels
    assert (channel.priority, channel.weight, channel.timeout_seconds) == (0, 1, 600)
    assert (channel.allow_private, channel.on_disconnect, channel.stream_usage) == (
        True,
        "cancel",
        True,
    )
    (demo,) = read('[[channel]]\nname = "d"\nprovider = "demo"\nmodels = {}\n').channels
    assert (demo.base_url, demo.keys) == ("", ())


def test_anthropic_has_no_completions_of_its_own():
    text = CHANNEL.replace('"openai"', '"anthropic"') + 'native_completions = ["m"]\n'
    assert "anthropic has no completions" in fault(text + MODEL)
