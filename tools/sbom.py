"""Write what the product is made of, as CycloneDX 1.6 in JSON.

    python3 tools/sbom.py [FILE]

Everything comes from the locks: the Python packages and the hashes of their files from
requirements/runtime.lock, the packages whose code is in the console's pages from
console/package-lock.json. The same locks give the same bytes; there is no time and no
random number in it. https://cyclonedx.org/docs/1.6/json/
"""

import base64
import hashlib
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCK = ROOT / "requirements" / "runtime.lock"
NODE_LOCK = ROOT / "console" / "package-lock.json"
NAMESPACE = uuid.UUID("6f6e6509-1c2e-5a52-9d4e-2c7a1f0b8e11")
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

Json = dict[str, Any]


def main() -> None:
    """Write to the file that is named, or to standard output."""
    text = json.dumps(sbom(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)


def sbom() -> Json:
    """The whole document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    product = {
        "type": "application",
        "bom-ref": f"pkg:pypi/{project['name']}@{project['version']}",
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "purl": f"pkg:pypi/{project['name']}@{project['version']}",
    }
    components = [
        *python_components(PYTHON_LOCK.read_text()),
        *node_components(json.loads(NODE_LOCK.read_text())),
    ]
    locks = hashlib.sha256(PYTHON_LOCK.read_bytes() + NODE_LOCK.read_bytes()).hexdigest()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, locks)}",
        "version": 1,
        "metadata": {
            "component": product,
            "properties": [{"name": "yiyuan:locks:sha256", "value": locks}],
        },
        "components": components,
        "dependencies": [
            {"ref": product["bom-ref"], "dependsOn": [item["bom-ref"] for item in components]}
        ],
    }


def python_components(lock: str) -> list[Json]:
    """The packages of a requirements file with hashes, in its order."""
    components = []
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        found = _REQUIREMENT.match(entry)
        hashes = _HASH.findall(entry)
        if found is None or not hashes:
            raise SystemExit(f"sbom: not a locked requirement: {entry.splitlines()[0]}")
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        component = _component("pypi", name, found["version"])
        # One hash per file that a package index may give for this version; an
        # installation takes one of them, and refuses all others.
        component["properties"] = [{"name": "yiyuan:file:sha256", "value": one} for one in hashes]
        if found["marker"]:
            marker = {"name": "yiyuan:python:marker", "value": found["marker"].strip()}
            component["properties"].append(marker)
        components.append(component)
    return components


def node_components(lock: Json) -> list[Json]:
    """The packages that a browser gets code of: all that are not for building only."""
    components: dict[str, Json] = {}
    for path, package in lock["packages"].items():
        if not path or package.get("dev") or package.get("link"):
            continue
        name = package.get("name") or path.rpartition("node_modules/")[2]
        component = _component("npm", name, package["version"])
        algorithm, _, digest = package["integrity"].partition("-")
        hexadecimal = base64.b64decode(digest).hex()
        component["hashes"] = [
            {"alg": algorithm.upper().replace("SHA", "SHA-"), "content": hexadecimal}
        ]
        if isinstance(package.get("license"), str):
            component["licenses"] = [{"expression": package["license"]}]
        components[component["bom-ref"]] = component
    return [components[key] for key in sorted(components)]


def _component(kind: str, name: str, version: str) -> Json:
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    main()
