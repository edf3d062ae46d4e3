# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of its own for the session, brought back to the seeded state before every test. No node VM, no QEMU.

A module whose fixture ``running`` is `other_version` has one of each other version of Harvester in its place.
"""

from __future__ import annotations

import importlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from fault_rows import pytest_collection_modifyitems, pytest_runtest_makereport  # noqa: F401 (pytest finds them here)
from played_nodes import Nodes

from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from lab import Lab, Progress, config
from lab.apiserver import Client, Cluster
from lab.apiserver.cluster import INSTALLED
from lab.harvester.versions import VERSIONS

OTHER_VERSIONS = ("1.6", pytest.param("1.7", marks=pytest.mark.long), "1.9")
MODULES = "ansible_collections.harvester.network.plugins.modules."
Result = dict[str, Any]
Call = Callable[..., Result]


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    """The session's cluster (one per pytest-xdist worker), beside whatever lab runs; it ends with the session."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    lab = Lab(f"{config.lab_name()[:12]}-api{worker}", Progress())
    try:
        yield lab.up(nodes=0, cluster=True).cluster
    finally:
        lab.down()


@pytest.fixture(scope="session", params=OTHER_VERSIONS)
def other_version(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """As `running`, for each version of Harvester that is played beside the default, one at a time."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    lab = Lab(f"{config.lab_name()[:11]}-v{request.param[-1]}{worker}", Progress())
    try:
        yield lab.up(nodes=0, cluster=True, harvester=request.param).cluster
    finally:
        lab.down()


@pytest.fixture
def version(running: Cluster) -> str:
    """1.6, 1.7, 1.8 or 1.9."""
    release = running.client().get("harvesterhci.io/v1beta1", "Setting", "server-version")["value"]
    return next(name for name, found in VERSIONS.items() if found.release == release)


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """The cluster as an operator has it: see lab/apiserver/seed.py."""
    running.reset()
    return running


@pytest.fixture
def client(cluster: Cluster) -> Client:
    """The lab's own client, as administrator: for what surrounds the code under test."""
    return cluster.client()


@pytest.fixture
def installed(running: Cluster) -> Iterator[Client]:
    """The cluster as after an installation: NICs are free."""
    running.reset(INSTALLED)
    yield running.client()
    running.reset(INSTALLED)


@pytest.fixture
def nodes(running: Cluster, tmp_path: Path) -> Nodes:
    """The cluster with nodes that are folders."""
    found = Nodes(running, tmp_path)
    found.prepare()
    return found


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many requests the modules sent, by verb."""
    found: Counter[str] = Counter()
    request = ModuleClient._request

    def counted(self: ModuleClient, method: str, verb: str, *args: Any, **kwargs: Any) -> Any:
        found[verb] += 1
        return request(self, method, verb, *args, **kwargs)

    monkeypatch.setattr(ModuleClient, "_request", counted)
    return found


@pytest.fixture
def call(
    running: Cluster,
    requests: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Calls a module as administrator, unless a kubeconfig is given, with the client of kubernetes.core; its result."""
    # Where Ansible's controller is loaded, a module's warnings go to the screen.
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)

    def run(module: str, check: bool = False, **options: Any) -> Result:
        requests.clear()
        capsys.readouterr()
        looks_once = module.endswith("_info") or module in ("change_plan", "pod_restart")
        waiting = {} if looks_once and module != "reboot_gate_info" else {"wait_timeout": 60, "wait_sleep": 1}
        arguments = {"kubeconfig": str(running.kubeconfig), **waiting, **options}
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            importlib.import_module(MODULES + module).main()
        result: Result = json.loads(capsys.readouterr().out)
        return result

    return run
