# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the gate. Each runs something, shows its output and returns the number of its tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

import _gate_failures as failures
from _common import BUILD, NAME, NAMESPACE, ROOT, Progress
from _gate_counts import Counts, of_junit, of_status, with_status

NO_TESTS = 5
"""pytest's exit code when it selected no test."""
NOT_THERE = "not there yet"


@dataclass
class Context:
    """What the parts share: environment of processes, folder of reports, progress lines.

    long: also the tests that do not fit into the budget (`make test-all`).
    deadline: seconds of `progress` after which what runs is ended, so that too slow a run still says what it has found.
    failures: part or scenario -> what failed, in few lines.
    """

    env: Dict[str, str]
    reports: Path
    progress: Progress
    long: bool = False
    deadline: float = float("inf")
    failures: Dict[str, List[str]] = field(default_factory=dict)


def execute(
    context: Context,
    argv: Sequence[object],
    limit: float,
    env: Optional[Mapping[str, str]] = None,
    kept: Optional[List[str]] = None,
) -> int:
    """Run with the output shown as it comes, and put into `kept` where that is given.

    After `limit` seconds, or at the gate's deadline, the process group is ended: exit code 124.
    """
    limit = max(1, min(limit, context.deadline - context.progress.seconds))
    process = subprocess.Popen(
        [str(word) for word in argv],
        cwd=ROOT,
        env=dict(env or context.env),
        stdin=subprocess.DEVNULL,
        stdout=None if kept is None else subprocess.PIPE,
        stderr=None if kept is None else subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

    def show() -> None:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if kept is not None:
                kept.append(line)

    # a daemon, and not waited for long: what the command left behind may hold its output open
    shower = threading.Thread(target=show, daemon=True)
    shower.start()
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        context.progress.say("FAILED: not done after %d s, ended: %s" % (limit, " ".join(map(str, argv))))
        return 124
    finally:
        # also on Ctrl-C: what was started here ends here
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, number)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    continue
        shower.join(10)


def pytest(
    context: Context,
    name: str,
    arguments: Sequence[str],
    limit: float,
    old: bool = False,
    old_collections: bool = False,
    more_env: Optional[Mapping[str, str]] = None,
) -> Optional[Counts]:
    """Run pytest; None when it found no test to run.

    old: with the oldest supported ansible-core. old_collections: with the oldest supported kubernetes.core.
    """
    report = context.reports / ("%s.xml" % name)
    python, env = sys.executable, {**context.env, **(more_env or {})}
    if old:
        # the tests start ansible-playbook from PATH
        venv = BUILD / "venv-oldest"
        python, env["VIRTUAL_ENV"] = str(venv / "bin/python"), str(venv)
        env["PATH"] = "%s:%s" % (venv / "bin", env["PATH"])
    if old_collections:
        folders = "%s:%s" % (BUILD / "collections", BUILD / "collections-oldest")
        env["ANSIBLE_COLLECTIONS_PATH"], env["PYTHONPATH"] = folders, "%s:%s" % (ROOT / "tests", folders)
    argv = [python, "-m", "pytest", "-q", "--junit-xml", report, "-o", "junit_suite_name=%s" % name, *arguments]
    status = execute(context, argv, limit, env)
    if status == NO_TESTS:
        return None
    reports = [report] if report.exists() else []
    if status:
        context.failures[name] = failures.of_junit(reports) or ["exit code %d, no test says why" % status]
    return with_status(of_junit(reports), status)


def linters() -> Dict[str, List[str]]:
    """Name -> command; exit code 0 is good."""
    typed = [name for name in ("tools", "tests/lab") if (ROOT / name).is_dir()]
    changelog = BUILD / "CHANGELOG.md"
    return {
        "ruff check": ["ruff", "check", "--output-format", "concise", "."],
        "ruff format": ["ruff", "format", "--check", "--output-format", "concise", "."],
        "mypy plugins": ["mypy", "-p", "ansible_collections.%s.%s.plugins" % (NAMESPACE, NAME)],
        "mypy tools and lab": ["mypy", *typed],
        "ansible-lint": ["ansible-lint", "--offline", "--profile", "production", "--strict", "-q"],
        "changelog fragments": ["antsibull-changelog", "lint"],
        "changelog.yaml": ["antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml"],
        "CHANGELOG.md as generated": [
            "sh",
            "-c",
            'antsibull-changelog generate --output "$1" && diff -u "$1" CHANGELOG.md',
            "sh",
            str(changelog),
        ],
        "docs/variables.md as generated": [sys.executable, str(ROOT / "tools" / "variables.py"), "--check"],
        "documentation": [
            *("antsibull-docs", "lint-collection-docs", "--plugin-docs"),
            *("--validate-collection-refs", "self", "."),
        ],
    }


def lint(context: Context) -> Counts:
    """All linters, two at a time; the output of one that failed is shown."""

    def check(item: Tuple[str, List[str]]) -> Tuple[str, float, subprocess.CompletedProcess[str]]:
        start = context.progress.seconds
        env = {**context.env, "NO_COLOR": "1"}
        done = subprocess.run(
            item[1], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return item[0], context.progress.seconds - start, done

    total = Counts()
    with ThreadPoolExecutor(2) as pool:
        for name, spent, done in pool.map(check, linters().items()):
            context.progress.say("%-26s %s (%.1f s)" % (name, "FAILED" if done.returncode else "passed", spent))
            if done.returncode:
                print(done.stdout + done.stderr, flush=True)
                said = (done.stdout + done.stderr).splitlines()
                context.failures["lint %s" % name] = said[-failures.MAX_LINES :]
            total += of_status(done.returncode)
    return total


def unit(context: Context) -> Optional[Counts]:
    """The unit tests. Of those that run playbooks one per file is enough here; `make test-unit` runs them all."""
    chosen = [] if context.long else ["-m", "not long and (not playbook or oldest)"]
    return pytest(
        context, "unit", ["-n", "auto", "--dist", "worksteal", *chosen, "tests/unit"], 2400 if context.long else 1200
    )


def oldest(context: Context) -> Optional[Counts]:
    """The unit tests with the oldest supported ansible-core. Those of what knows nothing of Ansible (the lab, and
    the library as tests/unit/test_collection_imports.py has it) are left out; of those that run playbooks one per file
    runs."""
    library = ("change", "cluster", "host", "nm", "probe")
    unlike = ["--ignore=tests/unit/lab", *("--ignore=tests/unit/module_utils/%s" % name for name in library)]
    chosen = [] if context.long else ["-m", "not long and (not playbook or oldest)", *unlike]
    return pytest(context, "oldest", ["-n", "auto", "--dist", "worksteal", *chosen, "tests/unit"], 1500, old=True)


def sanity(context: Context) -> Counts:
    folder = context.reports / "sanity"
    status = execute(context, [sys.executable, ROOT / "tools/sanity.py", "--quiet", "--junit", folder], 1200)
    if status:
        context.failures["sanity"] = failures.of_junit(folder.glob("*.xml")) or ["exit code %d" % status]
    return with_status(of_junit(folder.glob("*.xml")), status)


def api(context: Context) -> Optional[Counts]:
    """Modules against a real Kubernetes API, without nodes. The first run on a machine builds it: four minutes more.

    With --all the disturbed changes are left to `fault-rows`, which runs every one of them then.
    """
    if not (ROOT / "tests/api").is_dir():
        return None
    chosen = "api and not fault" if context.long else "api and not long"
    # A cluster per worker; a file stays with one, since files set their cluster up once.
    spread = ["-n", "auto", "--dist", "loadfile"]
    return pytest(
        context, "api", ["-m", chosen, "--durations=10", *spread, "tests/api"], 6000 if context.long else 2400
    )


def oldest_api(context: Context) -> Optional[Counts]:
    """Those against the API that are marked `oldest`, with the oldest supported ansible-core and kubernetes.core."""
    if not (ROOT / "tests/api").is_dir():
        return None
    arguments = ["-m", "api and oldest", "tests/api"]
    return pytest(context, "oldest-api", arguments, 900, old=True, old_collections=True)


def nodes(context: Context) -> Optional[Counts]:
    """Modules and playbooks on real nodes. With --all the disturbed changes are left to `node-rows`."""
    if not (ROOT / "tests/nodes").is_dir():
        return None
    chosen = "nodes and not fault" if context.long else "nodes and not long"
    return pytest(context, "nodes", ["-m", chosen, "--durations=10", "tests/nodes"], 18000 if context.long else 2400)


def oldest_nodes(context: Context) -> Optional[Counts]:
    """The scenarios on nodes that are marked `oldest`, with the oldest supported ansible-core."""
    if not (ROOT / "tests/nodes").is_dir():
        return None
    return pytest(context, "oldest-nodes", ["-m", "oldest", "tests/nodes"], 900, old=True)


def faults(context: Context) -> Optional[Counts]:
    """Changes that cut nodes off, with the runner, NetworkManager, the node or its power lost."""
    if not (ROOT / "tests/faults").is_dir():
        return None
    chosen = "nodes" if context.long else "nodes and not long"
    limit = 12000 if context.long else 3000
    return pytest(context, "faults", ["-m", chosen, "--durations=10", "tests/faults"], limit)


def fault_rows(context: Context) -> Optional[Counts]:
    """Changes that are disturbed, against the API: the fixed rows and those of the day; with --all every row.

    With FAULT_ROWS_OLDEST in the environment so many of those that were run longest ago.
    """
    if not (ROOT / "tests/api").is_dir():
        return None
    arguments = ["-m", "fault", "--durations=10", "-n", "auto", "--dist", "load", "tests/api"]
    if context.long or "FAULT_ROWS_OLDEST" in context.env:
        return pytest(context, "fault-rows", arguments, 18000)
    day = {"FAULT_ROWS_OF_DAY": str(date.today().toordinal())}
    return pytest(context, "fault-rows", arguments, 1500, more_env=day)


def node_rows(context: Context) -> Optional[Counts]:
    """Changes that are disturbed on real nodes, every one; hours."""
    if not (ROOT / "tests/nodes").is_dir():
        return None
    return pytest(context, "node-rows", ["-m", "fault", "--durations=10", "tests/nodes"], 18000)


def debian12(context: Context) -> Optional[Counts]:
    """The tests that are marked `debian12`, on the nodes' second image: NetworkManager 1.42, systemd 252."""
    if not (ROOT / "tests/nodes").is_dir():
        return None
    older = {"HARVESTER_LAB": older_lab(context), "HARVESTER_LAB_IMAGE": "debian12"}
    arguments = ["-m", "debian12", "--durations=10", "tests/nodes", "tests/faults"]
    return pytest(context, "debian12", arguments, 5400, more_env=older)


def older_lab(context: Context) -> str:
    """Name of the lab whose nodes have the second image."""
    return "%s-d12" % context.env["HARVESTER_LAB"][:12]


QUICK_SCENARIOS = {"default"}
"""Scenarios of `make test`; all others are run by `make test-all` only."""


def molecule(context: Context) -> Optional[Counts]:
    """Every scenario, one test each."""
    scenarios = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    if not context.long:
        scenarios = [name for name in scenarios if name in QUICK_SCENARIOS]
    total = Counts()
    for name in scenarios:
        start = context.progress.seconds
        shown: List[str] = []
        status = execute(context, ["molecule", "test", "-s", name], 3000 if context.long else 1500, kept=shown)
        if status:
            state: List[str] = []
            execute(context, [sys.executable, "-m", "lab", "status"], 120, kept=state)
            context.failures["molecule %s" % name] = failures.of_output(shown) + [line.rstrip() for line in state[-6:]]
        verdict = "FAILED" if status else "passed"
        context.progress.say("molecule %s: %s (%.1f s)" % (name, verdict, context.progress.seconds - start))
        total += of_status(status)
    return total if scenarios else None


def lab(context: Context) -> Optional[Counts]:
    """What the lab promises, proved on a running lab."""
    if not (ROOT / "tests/lab").is_dir():
        return None
    return pytest(context, "lab", ["-m", "lab", "--durations=10", "tests/lab"], 2400)


def copies(context: Context) -> Counts:
    """No tool may have installed a copy of the collection: later runs would find it first and test stale code."""
    homes = [Path.home() / ".ansible", Path(context.env["ANSIBLE_HOME"]), Path("/usr/share/ansible")]
    found = [home / "collections/ansible_collections" / NAMESPACE / NAME for home in homes]
    found = [path for path in found if path.exists()]
    for path in found:
        print("FAILED: a copy of the collection lies in %s; remove it and find out which tool put it there" % path)
    return of_status(len(found))


def end_lab(context: Context) -> None:
    """End the gate's labs, whatever state they are in: those of the nodes, and those of tests/api/conftest.py."""
    context.deadline = float("inf")
    if (ROOT / "tests/lab/__main__.py").exists():
        own = context.env["HARVESTER_LAB"]
        versions = ["%s-v%d" % (own[:11], minor) for minor in (6, 7, 9)]
        for name in (own, "%s-api" % own[:12], older_lab(context), *versions):
            execute(context, [sys.executable, "-m", "lab", "down"], 120, {**context.env, "HARVESTER_LAB": name})
