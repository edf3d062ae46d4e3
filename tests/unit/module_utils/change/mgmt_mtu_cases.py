# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: clusters and wishes that its tests share.

The cluster is that of cluster_objects with VM m1 on mgmt's VM network mgmt200; vm1 is on cn1, pod1 on the pod network.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cluster_objects import having, nad, network, setting, thing, vm, vmi, volume

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import Wish, case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_phases import phases
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

NOW = datetime(2026, 11, 26)
NODES = ("n1", "n2", "n3", "w1")
HOSTS = {name: {"mgmt-bo": 1500, "mgmt-br": 1500} for name in NODES}
JUMBO = {name: {"mgmt-bo": 9000, "mgmt-br": 9000} for name in NODES}
PROFILES: dict[str, dict[str, int | None]] = {name: {"bond-mgmt": 1500, "vlan-mgmt": None} for name in NODES}
UP = Wish(1500, 9000, switches_ready=True)
KEPT = UP._replace(running_vms="keep")
CLUSTER = having(vm("m1", "mgmt200"), vmi("m1", "mgmt200"))
VALUE = '{"vlan":60,"clusterNetwork":"%s","range":"192.0.2.0/24"}'
ON_CN1 = having(setting("storage-network", VALUE % "cn1"), on=CLUSTER)
ON_MGMT = having(setting("storage-network", VALUE % "mgmt"), on=CLUSTER)
NOTED = (network("mgmt", 9000), nad("mgmt200", "mgmt", 200, mtu=9000))
AT_9000 = having(*NOTED, on=ON_CN1)
MIGRATION = having(setting("vm-migration-network", VALUE % "mgmt"), on=ON_CN1)
OVERLAY = nad("ovn", "mgmt", None, type="kube-ovn")
ON_OVERLAY = having(OVERLAY, vm("o1", "ovn"), vmi("o1", "ovn"), on=ON_CN1)


def in_use(name: str, replicas: int, robustness: str = "healthy") -> list[Any]:
    """A volume with a running engine that has these readable replicas."""
    names = [f"{name}-r-{number}" for number in range(replicas)]
    engine = thing(
        "engines",
        f"{name}-e-0",
        "longhorn-system",
        labels={"longhornvolume": name},
        status={"currentState": "running", "replicaModeMap": dict.fromkeys(names, "RW")},
    )
    found = volume(name, numberOfReplicas=replicas)
    found["status"]["robustness"] = robustness
    return [found, engine]


PORTS = {"n2": {"up": ["eno1", "eno2"], "down": []}, "n1": {"up": ["eno1"], "down": ["eno2"]}}
WHERE = "management network: "
DOWN = Wish(9000, 1500)


def by_id(snapshot: Snapshot, wish: Wish) -> dict[str, Any]:
    return {phase["id"]: phase for phase in phases(snapshot, wish, case(snapshot, wish), NOW)}


TOLD = Wish(1500, 9000, annotate_only=True)
