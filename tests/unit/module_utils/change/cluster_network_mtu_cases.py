# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: clusters, wishes and helpers that its tests share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cluster_objects import (
    WORKERS,
    config,
    having,
    instance_manager,
    lacking,
    nad,
    network,
    node,
    setting,
    status,
    vm,
    vmi,
)

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import Case, Wish
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

NOW = datetime(2026, 11, 26)
NO_SHARE = '{"share-storage-network":false}'
LOWER = Wish("cn1", "9000", "1500")

# Cluster network cn1 at 9000 on n1 and n2 by rack-a, on n3 by rack-b; vm1 runs on it, pod1 on the pod network.
CLUSTER = having(
    node("n3", "cn1", rack="b"),
    config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"]),
    status("cn1", "rack-b", "n3"),
    setting("rwx-network", NO_SHARE, default=NO_SHARE),
    setting("vm-migration-network", ""),
)
SINGLE = lacking("vlanconfigs/rack-b", "vlanstatuses/cn1-n3-0", on=having(node("n3", rack="b"), on=CLUSTER))


def text(vlan: int = 50, cluster_network: str = "cn1") -> str:
    return json.dumps({"vlan": vlan, "clusterNetwork": cluster_network, "range": f"10.{vlan}.0.0/24"})


def stored(on: Snapshot = CLUSTER) -> Snapshot:
    """With the storage network on cn1."""
    managers = (instance_manager(name, "10.50.0.%d" % place) for place, name in enumerate(WORKERS, 10))
    return having(setting("storage-network", text()), *managers, on=on)


def ids(case: Case) -> list[str]:
    return [phase["id"] for phase in case.phases]


def named(case: Case, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(phase for phase in case.phases if phase["id"] == name)
    return found


def objections(case: Case, on: Snapshot) -> list[str]:
    return [str(objection) for objection in _plan.plan(on, case.phases).all_objections]


SEVERAL = ["vms-stop", "configs-off", "config-change", "configs-on", "vms-start"]

# The manual's own example: cn-data with nc-1 at 1500 is to have 9000; VM network vm100
MANUAL = having(
    network("cn-data", 1500, "nc-1"),
    config("nc-1", "cn-data", nics=["eno4"], matched=list(WORKERS), mtu=1500),
    *(status("cn-data", "nc-1", name) for name in WORKERS),
    *(node(name, "cn1", "cn-data", rack="a") for name in ("n1", "n2")),
    node("n3", "cn-data", rack="b"),
    nad("vm100", "cn-data", 100),
    vm("guest", "vm100", strategy="Always"),
    vmi("guest", "vm100", on="n2"),
    on=CLUSTER,
)
READY = Wish("cn-data", 1500, 9000, switches_ready=True)
