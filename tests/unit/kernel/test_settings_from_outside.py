"""Settings: read once, flags first, unknown ones refused, secrets never shown."""

import os
import subprocess
import sys
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.kernel.settings import Settings, describe, load

CONTRACT = {
    "YIYUAN_HOME",
    "YIYUAN_DATABASE_URL",
    "YIYUAN_REDIS_URL",
    "YIYUAN_SECRET_KEY",
    "YIYUAN_PUBLIC_URL",
    "YIYUAN_API_URL",
    "YIYUAN_ALLOWED_HOSTS",
    "YIYUAN_LANGUAGE",
    "YIYUAN_TRUSTED_PROXIES",
    "YIYUAN_METRICS_TOKEN",
    "YIYUAN_DURABILITY",
    "YIYUAN_BODY_BYTES_MAX",
    "YIYUAN_BODY_MEMORY_BYTES",
    "YIYUAN_ACCOUNT_BODY_MEMORY_BYTES",
    "YIYUAN_REFUSED_PER_MINUTE",
    "YIYUAN_CONNECTIONS_PER_ADDRESS",
    "YIYUAN_USAGE_DETAIL_DAYS",
}


def test_the_defaults():
    settings = load({})
    assert settings.home == Path("data")
    assert settings.database_url is None
    assert settings.secret_key is None
    assert settings.language == "en"
    assert settings.trusted_proxies == ()
    assert settings.durability == "full"
    assert settings.public_url == settings.api_url == "http://127.0.0.1:8000"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert (settings.starter, settings.drain_seconds) == (False, 30)


def test_every_variable_is_read():
    settings = load(
        {
            "YIYUAN_HOME": "/srv/yiyuan",
            "YIYUAN_DATABASE_URL": "postgresql://u:p@db/yiyuan",
            "YIYUAN_REDIS_URL": "redis://r:6379/0",
            "YIYUAN_SECRET_KEY": "c2VjcmV0",
            "YIYUAN_PUBLIC_URL": "https://yiyuan.example/",
            "YIYUAN_API_URL": "https://api.yiyuan.example",
            "YIYUAN_LANGUAGE": "zh",
            "YIYUAN_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1 ::1/128",
            "YIYUAN_METRICS_TOKEN": "m3trics",
            "YIYUAN_DURABILITY": "normal",
            "HTTPS_PROXY": "http://127.0.0.1:7890",
            "NO_PROXY": "localhost,.internal",
            "PATH": "/bin",
        }
    )
    assert settings.home == Path("/srv/yiyuan")
    assert settings.database_url == "postgresql://u:p@db/yiyuan"
    assert settings.redis_url == "redis://r:6379/0"
    assert settings.secret_key == "c2VjcmV0"
    assert settings.public_url == "https://yiyuan.example"
    assert settings.api_url == "https://api.yiyuan.example"
    assert settings.language == "zh"
    assert settings.trusted_proxies == tuple(
        ip_network(net) for net in ("10.0.0.0/8", "127.0.0.1/32", "::1/128")
    )
    assert settings.metrics_token == "m3trics"
    assert settings.durability == "normal"
    assert settings.https_proxy == "http://127.0.0.1:7890"
    assert settings.no_proxy == "localhost,.internal"


def test_flags_win():
    environment = {"YIYUAN_HOME": "/a", "YIYUAN_LANGUAGE": "zh"}
    settings = load(environment, home="/b", language=None, port=9000, starter=True, workers=None)
    assert settings.home == Path("/b")
    assert settings.language == "zh"
    assert (settings.port, settings.starter, settings.workers) == (9000, True, 1)
    assert load(environment, home=Path("/c")).home == Path("/c")
    assert load({}, port="81", drain_seconds="5").port == 81


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:81"),
        ("0.0.0.0", "http://127.0.0.1:81"),
        ("::", "http://[::1]:81"),
        ("fd00::1", "http://[fd00::1]:81"),
        ("gate.example", "http://gate.example:81"),
    ],
)
def test_the_public_url_follows_the_listening_address(host, expected):
    settings = load({}, host=host, port=81)
    assert settings.public_url == settings.api_url == expected


def test_the_api_url_follows_the_public_url():
    assert load({"YIYUAN_PUBLIC_URL": "https://a"}).api_url == "https://a"


def test_an_empty_variable_is_absent():
    settings = load({"YIYUAN_HOME": "", "YIYUAN_SECRET_KEY": " ", "YIYUAN_TRUSTED_PROXIES": ""})
    assert (settings.home, settings.secret_key) == (Path("data"), None)


def test_proxies_as_curl_reads_them():
    assert load({"https_proxy": "p:1"}).https_proxy == "http://p:1"
    assert load({"HTTPS_PROXY": "socks5h://p:1", "https_proxy": "q:2"}).https_proxy == (
        "socks5h://p:1"
    )
    assert load({"no_proxy": "a"}).no_proxy == "a"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("YIYUAN_LANGUAGE", "de", "one of en, zh"),
        ("YIYUAN_DURABILITY", "FULL", "one of full, normal"),
        ("YIYUAN_DATABASE_URL", "mysql://u:hunter2@h/d", "begin with postgresql://"),
        ("YIYUAN_REDIS_URL", "http://:hunter2@h", "begin with redis://"),
        ("YIYUAN_PUBLIC_URL", "yiyuan.example", "http:// or https://"),
        ("YIYUAN_PUBLIC_URL", "http://[", "http:// or https://"),
        ("YIYUAN_PUBLIC_URL", "http://h:99999", "a port from 0 to 65535"),
        ("YIYUAN_PUBLIC_URL", "https://u:hunter2@h", "neither credentials"),
        ("YIYUAN_PUBLIC_URL", "https://h/?x=1", "neither credentials"),
        ("YIYUAN_API_URL", "https://h:port", "a port from 0 to 65535"),
        ("YIYUAN_API_URL", "ftp://h", "http:// or https://"),
        ("YIYUAN_TRUSTED_PROXIES", "10.0.0.0/33", "is not a network"),
        ("YIYUAN_TRUSTED_PROXIES", "10.0.0.1/8", "is not a network"),
        ("YIYUAN_TRUSTED_PROXIES", "*", "is not a network"),
        ("YIYUAN_METRICS_TOKEN", "hunter2 hunter2", "without spaces"),
        ("HTTPS_PROXY", "ftp://u:hunter2@p", "begin with http://"),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_is_not_shown(variable, value, reason):
    with pytest.raises(SettingsError, match=reason) as caught:
        load({variable: value})
    assert caught.value.variable == variable
    assert str(caught.value).startswith(f"{variable}: ")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("flag", "value", "variable"),
    [("port", "x", "--port"), ("port", "70000", "--port"), ("workers", "0", "--workers")],
)
def test_a_wrong_flag_is_named(flag, value, variable):
    with pytest.raises(SettingsError) as caught:
        load({}, **{flag: value})
    assert caught.value.variable == variable


def test_an_unknown_variable_is_refused_with_a_guess():
    with pytest.raises(SettingsError, match="did you mean YIYUAN_DATABASE_URL"):
        load({"YIYUAN_DATABSE_URL": "x"})
    with pytest.raises(SettingsError, match=r"^YIYUAN_ZZZ: there is no such setting$"):
        load({"YIYUAN_ZZZ": "secret value"})
    assert load({"YIYUAN_TEST_PG_URL": "x", "OTHER": "y"}) == load({})


def test_channels_may_name_variables_but_not_ours():
    settings = load({"OPENAI_API_KEY": "sk-1", "EMPTY": "", "YIYUAN_SECRET_KEY": "s"})
    assert settings.variable("OPENAI_API_KEY") == "sk-1"
    assert settings.variable("EMPTY") is None
    assert settings.variable("MISSING") is None
    assert settings.variable("YIYUAN_SECRET_KEY") is None


def test_a_repr_shows_no_secret():
    secrets = {
        "YIYUAN_DATABASE_URL": "postgresql://u:hunter2@h/d",
        "YIYUAN_REDIS_URL": "redis://:hunter2@h",
        "YIYUAN_SECRET_KEY": "hunter2",
        "YIYUAN_METRICS_TOKEN": "hunter2",
        "HTTPS_PROXY": "http://u:hunter2@p",
        "OPENAI_API_KEY": "hunter2",
    }
    assert "hunter2" not in repr(load(secrets))


def test_every_setting_is_described_in_both_languages():
    documented = {doc.field: doc for doc in describe()}
    assert documented.keys() == {item.name for item in fields(Settings)} - {"environment"}
    assert {doc.variable for doc in describe() if doc.variable.startswith("YIYUAN_")} == CONTRACT
    for doc in describe():
        assert doc.en.endswith(".")
        assert doc.zh.endswith("。")
        assert doc.default


def test_the_processes_own_environment_is_read():
    script = "from yiyuan.kernel.settings import from_environment as f; print(f(port=1).language)"
    environment = {**os.environ, "YIYUAN_LANGUAGE": "zh"}
    found = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout == "zh\n"


def test_a_default_in_words_has_its_chinese():
    for doc in describe():
        is_words = " " in doc.default or doc.default in ("none", "off")
        assert doc.default_in("zh").isascii() is not is_words, doc.variable
        assert doc.default_in("en") == doc.default
