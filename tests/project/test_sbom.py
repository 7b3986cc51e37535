"""The list of what the product is made of agrees with its locks, and with itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SBOM = ROOT / "tools" / "sbom.py"


def written() -> bytes:
    done = subprocess.run([sys.executable, str(SBOM)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_the_same_locks_give_the_same_bytes() -> None:
    assert written() == written()


def test_every_locked_package_is_in_it_with_the_hashes_of_its_files() -> None:
    document = json.loads(written())
    by_name = {item["name"]: item for item in document["components"] if "pypi" in item["purl"]}
    lock = (ROOT / "requirements" / "runtime.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ \n]+)", lock, re.MULTILINE))
    assert {name: item["version"] for name, item in by_name.items()} == locked
    hashes = [
        p["value"] for item in by_name.values() for p in item["properties"] if "sha" in p["name"]
    ]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", lock))


def test_what_a_browser_gets_is_in_it_and_what_only_builds_is_not() -> None:
    names = {item["name"] for item in json.loads(written())["components"]}
    assert {"react", "react-dom"} <= names
    assert not {"typescript", "vite"} & names


def test_it_is_cyclonedx() -> None:
    document = json.loads(written())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"]
    )
    references = [item["bom-ref"] for item in document["components"]]
    assert len(references) == len(set(references))
    (dependency,) = document["dependencies"]
    assert dependency["dependsOn"] == references
    for item in document["components"]:
        assert re.fullmatch(r"pkg:(pypi|npm)/[A-Za-z0-9._%/-]+@[A-Za-z0-9.+-]+", item["purl"])
        for digest in item.get("hashes", ()):
            assert len(digest["content"]) == {"SHA-512": 128, "SHA-256": 64}[digest["alg"]]


def test_it_names_no_host_of_an_index() -> None:
    text = written().decode().replace("http://cyclonedx.org/schema/bom-1.6.schema.json", "")
    assert "http" not in text.replace("httptools", "").replace("http-", "")
