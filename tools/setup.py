# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a checkout ready to work in: interpreter, virtual environments, dependency collections, .build/env.sh.

Safe to repeat; what is there already is kept. Packages come from the package index, into a cache outside the checkout.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import _interpreters as interpreters
from _common import BUILD, NAME, NAMESPACE, ROOT, Progress, ToolError, apt_install, cache_root, main_guard, run
from _interpreters import Interpreter

REQUIREMENTS = ROOT / "requirements"
COMMANDS = {"git": "git", "ssh": "openssh-client", "make": "make", "shellcheck": "shellcheck"}
"""Commands that must be there, with the Debian package that brings them. The lab installs its own."""
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
"""One of them opens the page of the evidence in a test, which is skipped without one; Debian has the first."""
DEPENDENCIES = ("kubernetes/core",)
"""Collections that the project needs to run and to be tested, as folders of the `ansible` wheel."""
COLLECTIONS, OLDEST_COLLECTIONS = "collections.txt", "collections-oldest.txt"
BENCH_DEPENDENCIES = ("community/general",)
"""What the benchmark compares with; lies apart, so that nothing else can come to need it."""


def pins(name: str, minor: str) -> Dict[str, str]:
    """Package -> version of a requirements file, for one Python minor version."""
    found = {}
    for line in (REQUIREMENTS / name).read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9_.-]+)==([^ ;]+)(?: ; python_version (<|>=) \"3\.(\d+)\")?$", line)
        if match and (not match[3] or (int(minor.split(".")[1]) >= int(match[4])) == (match[3] == ">=")):
            found[match[1]] = match[2]
    return found


def environment() -> Dict[str, str]:
    """Environment of the installers: own cache; certificates as pip has them; no virtual environment of the caller."""
    env = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    env.update(UV_CACHE_DIR=str(cache_root() / "uv"), UV_NO_PROGRESS="1", UV_PYTHON_DOWNLOADS="never")
    # uv has certificates of its own; those of the system are the ones that work behind a company's proxy too
    env.setdefault("UV_SYSTEM_CERTS", "1")
    return env


def bootstrap(python: Interpreter, progress: Progress) -> Path:
    """A small virtual environment with pip and uv; returns its bin folder."""
    text = (REQUIREMENTS / "bootstrap.txt").read_text(encoding="utf-8")
    folder = cache_root() / "bootstrap" / key(text, python.version, str(python.path))
    stamp = folder / ".complete"
    if not stamp.exists():
        if not python.has_ensurepip():
            apt_install(["python%s-venv" % python.minor], progress)
        progress.say("installing pip and uv for Python %s" % python.version)
        run([python.path, "-m", "venv", "--clear", folder], env=environment())
        run([folder / "bin/pip", "install", "-q", "-r", REQUIREMENTS / "bootstrap.txt"], env=environment())
        stamp.touch()
    return folder / "bin"


def key(*inputs: str) -> str:
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:16]


def virtual_environment(name: str, python: Interpreter, tools: Path, progress: Progress) -> Path:
    """The virtual environment of one requirements file, complete and reachable as .build/<name>."""
    requirements = REQUIREMENTS / ("%s.txt" % name)
    # a virtual environment holds its own path, so a moved checkout needs a new one
    folder = BUILD / "venvs" / ("%s-%s" % (name, key(requirements.read_text("utf-8"), python.version, str(ROOT))))
    stamp = folder / ".complete"
    if not stamp.exists():
        progress.say("virtual environment %s for Python %s (%s)" % (name, python.version, requirements.name))
        shutil.rmtree(folder, ignore_errors=True)
        run([tools / "uv", "venv", "-q", "--python", python.path, folder], env=environment())
        install(folder, requirements, tools, progress)
        paths = [str(ROOT / "tests")]
        site = next(folder.glob("lib/python3.*/site-packages"))
        (site / "harvester_network.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
        stamp.touch()
    link(BUILD / ("venv" if name == "dev" else "venv-" + name), folder)
    return folder


def install(folder: Path, requirements: Path, tools: Path, progress: Progress) -> None:
    """Install a resolved requirements file: by uv, from its cache or the index, or by pip, ten times slower."""
    sync = [tools / "uv", "pip", "sync", "-q", "--python", folder / "bin/python"]
    for way in (["--offline"], []):
        try:
            run([*sync, *way, requirements], env=environment())
            return
        except ToolError as error:
            reason = str(error).strip().splitlines()[-1]
    progress.say("uv failed, trying pip: %s" % reason)
    argv = [tools / "pip", "--python", folder / "bin/python", "install", "-q", "--no-deps", "-r", requirements]
    run(argv, env=environment())


def collections(
    wanted: Sequence[str],
    folder_name: str,
    python: Interpreter,
    tools: Path,
    progress: Progress,
    requirements: str = COLLECTIONS,
) -> Path:
    """Collections out of the `ansible` wheel that a requirements file names: only the folders wanted are unpacked."""
    version = pins(requirements, python.minor)["ansible"]
    folder = cache_root() / folder_name / key(version, *wanted)
    stamp = folder / ".complete"
    if stamp.exists():
        return folder
    wheels = cache_root() / "wheels"
    wheel = wheels / ("ansible-%s-py3-none-any.whl" % version)
    if not wheel.exists():
        progress.say("fetching the dependency collections (ansible %s, about 50 MB)" % version)
        # pip writes the file when the download is complete, so a broken one never has its name
        run([tools / "pip", "download", "-q", "--no-deps", "-d", wheels, "ansible==%s" % version], env=environment())
    progress.say("unpacking %s" % ", ".join(name.replace("/", ".") for name in wanted))
    shutil.rmtree(folder, ignore_errors=True)
    prefixes = tuple("ansible_collections/%s/" % name for name in wanted)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(prefixes)])
    for name in wanted:
        if not (folder / "ansible_collections" / name / "MANIFEST.json").exists():
            raise ToolError("ansible %s has no collection %s" % (version, name.replace("/", ".")))
    stamp.touch()
    return folder


def resolve(tools: Path, progress: Progress) -> None:
    """Resolve requirements/*.in to *.txt, for every interpreter that is supported."""
    for source in sorted(REQUIREMENTS.glob("*.in")):
        progress.say("resolving %s" % source.name)
        header = source.read_text(encoding="utf-8").splitlines()[:3]
        argv = [tools / "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--upgrade"]
        body = run([*argv, "--no-annotate", "--no-header", source], cwd=REQUIREMENTS, env=environment())
        lines = [*header, "# Made from %s by: make requirements" % source.name, body]
        source.with_suffix(".txt").write_text("\n".join(lines), encoding="utf-8")


def link(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`, replacing what was there in one step."""
    if path.is_symlink() and path.readlink() == target:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    if fresh.is_symlink():
        fresh.unlink()
    fresh.symlink_to(target)
    fresh.replace(path)


ENV = """\
# Made by tools/setup.py. Use: . .build/env.sh
export HARVESTER_NETWORK_ROOT='{root}'
export HARVESTER_NETWORK_CACHE="${{HARVESTER_NETWORK_CACHE:-{cache}}}"
export VIRTUAL_ENV='{root}/.build/venv'
export PATH='{path}'":$PATH"
export PYTHONPATH='{root}/tests:{root}/.build/collections:{collections}'
# Everything of Ansible's stays in the checkout: no configuration, no collection and no key of the user gets in.
export ANSIBLE_HOME='{root}/.build/ansible'
export ANSIBLE_CONFIG='{root}/.build/ansible.cfg'
export ANSIBLE_COLLECTIONS_PATH='{root}/.build/collections:{collections}'
export ANSIBLE_PIPELINING=true
# Seconds until sudo has to answer: on a busy machine an emulated node took over Ansible's ten.
export ANSIBLE_TIMEOUT=60
# Above the waits of a run: with Ansible's 60 s a connection was seen to end just as the next task began to use it.
export ANSIBLE_SSH_ARGS='-C -o ControlMaster=auto -o ControlPersist=600s'
export ANSIBLE_SSH_CONTROL_PATH_DIR="${{HARVESTER_NETWORK_CACHE}}/cp/${{HARVESTER_LAB:-default}}"
export ANSIBLE_RETRY_FILES_ENABLED=false
export ANSIBLE_LOCALHOST_WARNING=false
unset PYTHONHOME
"""

ANSIBLE_CFG = """\
# Made by tools/setup.py: empty on purpose, so that no other configuration file is looked for.
[defaults]
"""


def write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def commands(progress: Progress) -> None:
    """Debian packages of the commands that are missing."""
    missing = sorted(package for command, package in COMMANDS.items() if not shutil.which(command))
    if missing:
        apt_install(missing, progress)


def browser(progress: Progress) -> None:
    """A browser without a screen, where the distribution has one: a test wants it, nothing needs it."""
    if not any(map(shutil.which, BROWSERS)):
        try:
            apt_install(BROWSERS[:1], progress)
        except ToolError:
            progress.say("no %s to install: the test of the evidence's page will be skipped" % BROWSERS[0])


def main_environment(found: Dict[str, Interpreter], progress: Progress) -> Tuple[Interpreter, Path]:
    """The newest interpreter that works and takes the packages, with the bin folder of its installers."""
    errors: List[str] = []
    for python in found.values():
        try:
            tools = bootstrap(python, progress)
            virtual_environment("dev", python, tools, progress)
            return python, tools
        except ToolError as error:
            errors.append("Python %s: %s" % (python.version, error))
            progress.say("Python %s does not do: %s" % (python.version, str(error).splitlines()[0]))
    raise ToolError("no virtual environment could be made\n%s" % "\n".join(errors))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bench", action="store_true", help="also fetch what the benchmark compares with")
    parser.add_argument("--resolve", action="store_true", help="make requirements/*.txt from *.in again")
    options = parser.parse_args()
    progress = Progress("setup")
    commands(progress)
    browser(progress)
    BUILD.mkdir(exist_ok=True)
    cache_root().mkdir(parents=True, exist_ok=True)
    # held to the end of the process; two runs at a time, of this checkout or another, wait for one another
    lock = (cache_root() / ".setup.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    found = interpreters.find(interpreters.CONTROLLER)
    if not found:
        raise ToolError(
            "no working Python 3.11, 3.12, 3.13 or 3.14 found; "
            "on Debian 12 or later: apt-get install python3 python3-venv"
        )
    if options.resolve:
        resolve(bootstrap(next(iter(found.values())), progress), progress)
    python, tools = main_environment(found, progress)
    oldest = interpreters.find(interpreters.OLDEST_CORE)
    if not oldest:
        raise ToolError("no working Python 3.11, 3.12 or 3.13 found, which the oldest supported ansible-core needs")
    old_python = next(iter(oldest.values()))
    virtual_environment("oldest", old_python, bootstrap(old_python, progress), progress)
    link(BUILD / "bootstrap", tools)
    dependencies = collections(DEPENDENCIES, "collections", python, tools, progress)
    oldest_dependencies = collections(DEPENDENCIES, "collections-oldest", python, tools, progress, OLDEST_COLLECTIONS)
    link(BUILD / "collections-oldest", oldest_dependencies)
    if options.bench:
        bench = collections(BENCH_DEPENDENCIES, "bench-collections", python, tools, progress)
        link(BUILD / "bench-collections", bench)
    link(BUILD / "collections" / "ansible_collections" / NAMESPACE / NAME, Path("../../../.."))
    write_if_changed(BUILD / "ansible.cfg", ANSIBLE_CFG)
    write_if_changed(
        BUILD / "env.sh",
        ENV.format(
            root=ROOT,
            cache=cache_root(),
            path=ROOT / ".build/venv/bin",
            collections=dependencies,
        ),
    )
    core = pins("dev.in", python.minor)["ansible-core"]
    old_core = pins("oldest.in", old_python.minor)["ansible-core"]
    progress.say("ready: Python %s with ansible-core %s; oldest: %s with %s" % (
        python.version, core, old_python.version, old_core))  # fmt: skip
    return 0


if __name__ == "__main__":
    main_guard(main)
