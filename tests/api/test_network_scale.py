# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of changes of a cluster network for 16 nodes and 1,000 VMs: objects on a real API, which nobody plays."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from lab import Lab, Progress, config
from lab.apiserver import Cluster, seed
from lab.apiserver import objects as make
from lab.apiserver.nodes import played

pytestmark = [pytest.mark.api, pytest.mark.long]

Call = Callable[..., dict[str, Any]]
NODES, VMS = 16, 1000
LABELS = [f"{make.PREFIX}/vmnet"]
RAISE = {"cluster_network": "vmnet", "mtu_from": 1500, "mtu_to": 9000, "switches_ready": True}
MODE = {"cluster_network": "vmnet", "uplink": {"mode": "balance-alb"}}
CASES = [("cluster_network_mtu_info", RAISE), ("cluster_network_change_info", MODE)]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """Without the stand-in, whose controllers would play a thousand VMs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    lab = Lab(f"{config.lab_name()[:11]}-sc{worker}", Progress())
    try:
        cluster = lab.up(nodes=0, cluster=True, harvester="").cluster
        facts = [played(number) for number in range(1, NODES + 1)]
        client = cluster.client()
        client.put(seed.installed(facts))
        client.put(seed.operated(facts))
        cluster.keep("few")
        for number in range(VMS):
            name, on = f"vm{number:03}", facts[number % NODES].name
            client.put(
                [
                    make.vm(name, ["default/vlan100"], required_labels=LABELS),
                    make.vmi(name, on, ["default/vlan100"]),
                ]
            )
        cluster.keep("many")
        yield cluster
    finally:
        lab.down()


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Requests by verb and kind."""
    found: Counter[str] = Counter()
    request = ModuleClient._request

    def counted(self: ModuleClient, method: str, verb: str, kind: Any, *args: Any, **kwargs: Any) -> Any:
        found[f"{verb} {kind.plural}"] += 1
        return request(self, method, verb, kind, *args, **kwargs)

    monkeypatch.setattr(ModuleClient, "_request", counted)
    return found


@pytest.mark.parametrize(("module", "wish"), CASES, ids=["mtu", "change"])
def test_the_plan(running: Cluster, call: Call, kinds: Counter[str], module: str, wish: dict[str, Any]) -> None:
    """Its seconds are printed (the aim is 10); asserted is that no request is sent for each node or VM."""

    def plan() -> tuple[int, dict[str, int]]:
        kinds.clear()
        found = call(module, **wish)
        assert "failed" not in found, found["msg"]
        middle = time.monotonic()
        planned = call("change_plan", phases=found["phases"])
        assert "failed" not in planned, planned["msg"]
        print(f"change_plan: {time.monotonic() - middle:.1f} s")
        return len(found["vms"]), dict(kinds)

    running.reset("few")
    few, sent = plan()
    running.reset("many")
    began = time.monotonic()
    many = plan()
    print(f"{module}: plan for {NODES} nodes and {many[0]} VMs in {time.monotonic() - began:.1f} s, {many[1]}")
    assert many == (few + VMS, sent)
    # Each of the two modules lists a kind once; one of them asks a second question of nodes and of pods.
    assert {name: count for name, count in sent.items() if count > 3 and name != "get settings"} == {}
