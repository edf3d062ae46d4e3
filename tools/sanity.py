# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity on the built collection, without an ignore file.

The artefact is tested, not the checkout: ansible-test refuses links to a checkout, and what is not in the tarball does
not matter to users. Compile and import tests run with every interpreter from Python 3.9 that works here.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import List

import _artefact
import _interpreters
from _common import BUILD, ROOT, Progress, ToolError, main_guard, run

SEED = '''"""Stands in for get-pip: installs pip from the wheel beside this file. Made by tools/sanity.py."""
import pathlib, sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here / "{wheel}"))
from pip._internal.cli.main import main

wanted = [word for word in sys.argv[1:] if "==" in word]
sys.exit(main(["install", "-q", "--no-index", "--disable-pip-version-check", "--find-links", str(here), *wanted]))
'''


def seed_pip(progress: Progress) -> None:
    """Give ansible-test its pip from the package index; its own source may be out of reach."""
    import ansible_test._internal.python_requirements as internal

    match = re.search(r"pip='([\d.]+)'", Path(internal.__file__).read_text(encoding="utf-8"))
    if not match:
        raise ToolError("cannot tell which pip ansible-test wants: look at %s" % internal.__file__)
    version = match[1]
    cache = Path.home() / ".ansible/test/cache"
    script = cache / ("get_pip_%s.py" % version.replace(".", "_"))
    wheel = "pip-%s-py3-none-any.whl" % version
    if script.exists() and (cache / wheel).exists():
        return
    progress.say("giving ansible-test its pip %s" % version)
    cache.mkdir(parents=True, exist_ok=True)
    run([BUILD / "bootstrap/pip", "download", "-q", "--no-deps", "-d", cache, "pip==%s" % version])
    fresh = script.with_suffix(".new")
    fresh.write_text(SEED.format(wheel=wheel), encoding="utf-8")
    fresh.replace(script)


def prepare(progress: Progress) -> Path:
    """The unpacked artefact as a repository of its own, which ansible-test asks for its list of files."""
    tarball = _artefact.build(BUILD / "sanity")
    place = _artefact.unpack(tarball, BUILD / "sanity")
    (place / "tests").mkdir()
    shutil.copy(ROOT / "tests/config.yml", place / "tests/config.yml")
    run(["git", "init", "-q"], cwd=place)
    run(["git", "add", "-A"], cwd=place)
    progress.say("testing %s" % tarball.name)
    return place


def environment() -> dict[str, str]:
    """Real interpreters before pyenv's shims, and no paths of the checkout."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTEST_"))}
    del env["PYTHONPATH"]
    env["ANSIBLE_COLLECTIONS_PATH"] = str(BUILD / "sanity")
    found = _interpreters.find(_interpreters.TARGET)
    folders = dict.fromkeys(str(python.path.parent) for python in found.values())
    own, *rest = env["PATH"].split(os.pathsep)
    env["PATH"] = os.pathsep.join([own, *folders, *rest])
    return env


NOISE = re.compile(
    r"\s*(Collecting |Downloading |Installing |Successfully installed|Using cached|━|WARNING: Using locale|$)"
)


def execute(argv: List[str], place: Path, quiet: bool) -> int:
    """Run ansible-test with its output shown as it comes; returns the exit code."""
    process = subprocess.Popen(
        argv,
        cwd=place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if not (quiet and NOISE.match(line)):
            print(line, end="", flush=True)
    return process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description="ansible-test sanity on the built collection")
    parser.add_argument("--junit", type=Path, help="folder for the results as JUnit XML")
    parser.add_argument("--quiet", action="store_true", help="leave out what pip and ansible-test say about installing")
    parser.add_argument("arguments", nargs="*", help="for ansible-test sanity, after --")
    options = parser.parse_args()
    progress = Progress("sanity")
    seed_pip(progress)
    place = prepare(progress)
    argv = ["ansible-test", "sanity", "--color", "no", *(["--junit"] if options.junit else []), *options.arguments]
    status = execute(argv, place, options.quiet)
    if options.junit:
        options.junit.mkdir(parents=True, exist_ok=True)
        for path in (place / "tests/output/junit").glob("*.xml"):
            shutil.copy(path, options.junit / ("sanity-" + path.name))
    progress.say("passed" if status == 0 else "FAILED")
    return status


if __name__ == "__main__":
    main_guard(main)
