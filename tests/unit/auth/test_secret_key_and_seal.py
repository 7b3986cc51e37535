"""The secret key: made once, kept whole, never shown; and what it seals."""

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from yiyuan.auth.encryption import SealError, decrypt, encrypt
from yiyuan.auth.secret_key import SecretKeyError, derive, load_secrets

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


def test_a_key_is_made_once_and_kept(tmp_path):
    home = tmp_path / "new" / "home"
    first = load_secrets(home, None)
    path = home / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(base64.b64decode(path.read_text())) == 32
    assert load_secrets(home, None, may_create=False) == first
    assert [item.name for item in home.iterdir()] == ["secret.key"]


def test_the_files_text_is_what_the_variable_takes(tmp_path):
    made = load_secrets(tmp_path, None)
    assert load_secrets(tmp_path / "other", (tmp_path / "secret.key").read_text()) == made
    assert not (tmp_path / "other").exists()


def test_the_variable_wins_over_the_file(tmp_path):
    made = load_secrets(tmp_path, None)
    configured = load_secrets(tmp_path, TEXT)
    assert configured == derive(KEY) != made


def test_many_threads_make_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: load_secrets(tmp_path, None), range(64)))
    assert len({secrets.fingerprint for secrets in made}) == 1
    assert [item.name for item in tmp_path.iterdir()] == ["secret.key"]


def test_many_processes_make_one_key(tmp_path):
    script = (
        "import sys; from pathlib import Path;"
        "from yiyuan.auth.secret_key import load_secrets;"
        "sys.stdin.readline(); print(load_secrets(Path(sys.argv[1]), None).fingerprint)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    made = {racer.communicate(timeout=30)[0] for racer in racers}
    assert len(made) == 1
    assert len(made.pop().strip()) == 16


@pytest.mark.parametrize(
    "text",
    [TEXT, f"  {TEXT}\n", TEXT.rstrip("="), base64.urlsafe_b64encode(b"\xff" * 32).decode()],
)
def test_base64_as_people_paste_it(tmp_path, text):
    assert load_secrets(tmp_path, text).fingerprint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not of 0"),
        (base64.b64encode(b"x" * 31).decode(), "not of 31"),
        (base64.b64encode(b"x" * 64).decode(), "not of 64"),
        ("not base64!", "is not base64"),
        ("密" * 32, "is not base64"),
        ("Zq9Zq", "is not base64"),
    ],
)
def test_a_wrong_key_is_refused_with_advice(tmp_path, text, reason):
    with pytest.raises(SecretKeyError, match=reason) as caught:
        load_secrets(tmp_path, text)
    assert "YIYUAN_SECRET_KEY must be base64 of 32 bytes" in str(caught.value)
    assert "openssl rand -base64 32" in str(caught.value)
    assert not text.strip() or text not in str(caught.value)
    (tmp_path / "secret.key").write_text(text)
    with pytest.raises(SecretKeyError, match=r"secret\.key"):
        load_secrets(tmp_path, None)


def test_a_lost_key_is_not_replaced(tmp_path):
    with pytest.raises(SecretKeyError, match=r"secret\.key is missing"):
        load_secrets(tmp_path, None, may_create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o610])
def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(tmp_path, mode):
    made = load_secrets(tmp_path, None)
    (tmp_path / "secret.key").chmod(mode)
    with pytest.raises(SecretKeyError, match=f"chmod 600 {tmp_path}/secret.key"):
        load_secrets(tmp_path, None)
    (tmp_path / "secret.key").chmod(0o600)
    assert load_secrets(tmp_path, None) == made


def test_an_unusable_home_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretKeyError, match="cannot be made"):
        load_secrets(tmp_path / "file" / "home", None)
    (tmp_path / "secret.key").mkdir(mode=0o700)
    with pytest.raises(SecretKeyError, match="cannot be read"):
        load_secrets(tmp_path, None)


def test_subkeys_differ_and_stay_what_they_are():
    secrets = derive(KEY)
    assert len({secrets.token_pepper, secrets.seal_key, KEY}) == 3
    assert len(secrets.token_pepper) == len(secrets.seal_key) == 32
    # Changing a label would lock every installation out of its data.
    assert secrets.fingerprint == "1aec91a6d83f3863"
    assert secrets.token_pepper.hex()[:16] == "8cbf5ca63299c8c7"
    assert secrets.seal_key.hex()[:16] == "8013762b1211b01a"
    assert derive(bytes(32)).fingerprint != secrets.fingerprint
    with pytest.raises(SecretKeyError):
        derive(b"short")


def test_nothing_secret_is_in_a_repr():
    secrets = derive(KEY)
    assert repr(secrets) == f"SecretKeys(fingerprint='{secrets.fingerprint}')"


def test_what_is_sealed_opens_for_its_owner_only():
    key = derive(KEY).seal_key
    sealed = encrypt(key, "sk-upstream 密钥", "ch_1")
    assert b"sk-upstream" not in sealed
    assert decrypt(key, sealed, "ch_1") == "sk-upstream 密钥"
    with pytest.raises(SealError):
        decrypt(key, sealed, "ch_2")
    with pytest.raises(SealError):
        decrypt(derive(bytes(32)).seal_key, sealed, "ch_1")


def test_the_same_secret_is_sealed_differently_each_time():
    assert len({encrypt(os.urandom(32), "x", "ch_1") for _ in range(50)}) == 50
    assert len({encrypt(KEY, "x", "ch_1") for _ in range(50)}) == 50


def test_damage_at_any_byte_is_noticed():
    sealed = encrypt(KEY, "secret", "ch_1")
    for index in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[index] ^= 1
        with pytest.raises(SealError):
            decrypt(KEY, bytes(damaged), "ch_1")
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            decrypt(KEY, sealed[:length], "ch_1")
