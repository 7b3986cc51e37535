"""Small libraries that stand between the server and the kernel, compiled where the test runs.

`disk`: while the file `eio` lies in the control folder, fsync and fdatasync fail; while
`slow` lies there, they take 200 ms more. `clock`: the wall clock is off by the seconds
in the control file; the monotonic one is not.
"""

import pathlib
import shutil
import struct
import subprocess

import pytest

SLOW_SECONDS = 0.2

_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int is_there(const char *name) {
    char path[4096];
    const char *folder = getenv("YIYUAN_TEST_SHIM");
    if (!folder) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static int troubled(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (is_there("eio")) { errno = EIO; return -1; }
    if (is_there("slow")) usleep(200000);
    return real(file);
}

int fsync(int file) { return troubled("fsync", file); }
int fdatasync(int file) { return troubled("fdatasync", file); }
"""

_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void open_offset(void) {
    const char *path = getenv("YIYUAN_TEST_SHIM");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) offset = found;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(which, now);
    if (offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        now->tv_sec += *offset;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
"""


def _compiled(source: str, folder: pathlib.Path, name: str) -> pathlib.Path:
    """The library; skips the test where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("cc is not installed: the fault cannot be injected")
    (folder / f"{name}.c").write_text(source)
    library = folder / f"{name}.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, folder / f"{name}.c", "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        pytest.skip(f"cc cannot make a shared library here: {done.stderr[-300:]}")
    return library


class DiskShim:
    """Trouble with fsync, switched on and off while the server runs."""

    def __init__(self, folder: pathlib.Path) -> None:
        """`folder` is the test's own."""
        self._switches = folder / "disk"
        self._switches.mkdir()
        library = _compiled(_DISK, folder, "disk_shim")
        self.environment = {"LD_PRELOAD": str(library), "YIYUAN_TEST_SHIM": str(self._switches)}

    def turn_on(self, name: str) -> None:
        """`eio` or `slow`."""
        (self._switches / name).touch()

    def turn_off(self, name: str) -> None:
        """The opposite."""
        (self._switches / name).unlink()


class ClockShim:
    """A wall clock that is wrong by as much as one likes."""

    def __init__(self, folder: pathlib.Path) -> None:
        """`folder` is the test's own."""
        self._file = folder / "clock"
        self.turn(0)
        library = _compiled(_CLOCK, folder, "clock_shim")
        self.environment = {"LD_PRELOAD": str(library), "YIYUAN_TEST_SHIM": str(self._file)}

    def turn(self, seconds: int) -> None:
        """From now on the wall clock is off by so much."""
        if not self._file.exists():
            self._file.write_bytes(bytes(8))
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))
