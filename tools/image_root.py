"""Put together the root of the image: one Python, one environment, and what these two need.

    python tools/image_root.py ENVIRONMENT ROOT

Run by the Python that the environment was made with; needs `ldd` and `strip`. Everything
keeps its path below ROOT, so that the environment's links and scripts hold. No shell and no
package manager come along: what is not there needs no updates and helps no burglar.
"""

import compileall
import pathlib
import shutil
import subprocess
import sys
import sysconfig

LEFT_OUT = (
    *("__pycache__", "config-*", "dist-packages", "ensurepip", "idlelib", "lib2to3"),
    *("pydoc_data", "site-packages", "test", "tests", "tkinter", "turtledemo", "_tkinter.*"),
)
"""Of the standard library; `test` and `tests` are its own."""
WITH_IT = (
    "/etc/ld.so.cache",  # where libraries are that lie in no usual place
    "/etc/ssl/certs/ca-certificates.crt",  # upstreams, payment providers, sign-in services
    "/etc/ssl/openssl.cnf",
    "/usr/lib/ssl/openssl.cnf",
    "/usr/share/zoneinfo",  # people's time zones
)
BY_NAME = ("libgcc_s.so.1", "libnss_dns.so.2", "libnss_files.so.2")
"""What glibc opens by name, where it is a file of its own."""
NOBODY = 65532


def main() -> None:
    """Fill ROOT, which must not be there yet."""
    environment, root = (pathlib.Path(argument).absolute() for argument in sys.argv[1:])
    root.mkdir(parents=True)
    python = pathlib.Path(sys.executable).resolve()
    library = pathlib.Path(sysconfig.get_path("stdlib"))
    take(root, python)
    shutil.copytree(
        library, below(root, library), symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT)
    )
    shutil.copytree(environment, below(root, environment), symlinks=True)
    link(root, environment / "bin/python", python)
    for name in WITH_IT:
        take(root, pathlib.Path(name))
    for needed in sorted(shared_libraries(root)):
        take(root, needed)
    compiled = [path for path in root.rglob("*.so*") if path.is_file() and is_elf(path)]
    subprocess.run([program("strip"), "--strip-unneeded", *map(str, compiled)], check=True)
    compileall.compile_dir(root, quiet=2, workers=0, stripdir=str(root), prependdir="/")
    accounts(root)


def below(root: pathlib.Path, path: pathlib.Path) -> pathlib.Path:
    """The same absolute path inside the root."""
    return root / path.relative_to("/")


def take(root: pathlib.Path, path: pathlib.Path) -> None:
    """Copy a file or a folder, and what links lead to; what is not there is no loss."""
    to = below(root, path)
    if to.exists() or not path.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, to, ignore=shutil.ignore_patterns("posix", "right"))
    else:
        shutil.copy2(path, to)


def link(root: pathlib.Path, name: pathlib.Path, python: pathlib.Path) -> None:
    """Links between an environment's name of its Python and that Python, each where it was."""
    while name.is_symlink():
        target = name.parent / name.readlink()
        inside = below(root, name)
        inside.parent.mkdir(parents=True, exist_ok=True)
        if not inside.is_symlink():
            inside.symlink_to(name.readlink())
        name = target
    assert name.resolve() == python, f"{name} is another Python than the one that runs this"


def shared_libraries(root: pathlib.Path) -> set[pathlib.Path]:
    """What the compiled files of the root are linked with, the loader included."""
    compiled = [path for path in root.rglob("*") if path.is_file() and is_elf(path)]
    told = subprocess.run(
        [program("ldd"), *map(str, compiled)], capture_output=True, text=True, check=False
    ).stdout
    found = set()
    for line in told.splitlines():
        if "not found" in line:
            raise SystemExit(f"{line.strip()}: a library is missing on this machine")
        words = line.replace("=>", " ").split()
        found |= {pathlib.Path(word) for word in words if word.startswith("/") and word[-1] != ":"}
    folders = {path.parent for path in found}
    named = {folder / name for folder in folders for name in BY_NAME}
    return {path for path in found | named if path.exists() and root not in path.parents}


def program(name: str) -> str:
    """Where a program of this machine is."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed here")
    return found


def is_elf(path: pathlib.Path) -> bool:
    """Whether it is a program or a library of the machine."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def accounts(root: pathlib.Path) -> None:
    """Names for root and for who runs the server, and a place for temporary files."""
    folder = root / "etc"
    (folder / "passwd").write_text(
        f"root:x:0:0::/:/none\nyiyuan:x:{NOBODY}:{NOBODY}::/data:/none\n"
    )
    (folder / "group").write_text(f"root:x:0:\nyiyuan:x:{NOBODY}:\n")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)


if __name__ == "__main__":
    main()
