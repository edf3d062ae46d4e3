# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of configurations: clusters, wishes and helpers that its tests share."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from cluster_objects import WORKERS, config, having, host_config, instance_manager, node, setting, status, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Case,
    Wish,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

NOW = datetime(2026, 11, 26)
NO_SHARE = '{"share-storage-network":false}'
WISH = Wish("cn1")

# Cluster network cn1 at 9000: rack-a with eno3 on n1 and n2, rack-b with eno4 on n3. vm1 runs on n1 and vm3 on n3, both
# on it; pod1 on the pod network, other on mgmt.
CLUSTER = having(
    node("n3", "cn1", rack="b"),
    config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"]),
    status("cn1", "rack-b", "n3"),
    vm("vm3", "vlan100"),
    vmi("vm3", "vlan100", on="n3"),
    vm("other", "mgmt200"),
    vmi("other", "mgmt200", on="n1"),
    setting("rwx-network", NO_SHARE, default=NO_SHARE),
    setting("vm-migration-network", ""),
)


def stored(on: Snapshot = CLUSTER) -> Snapshot:
    """With the storage network on cn1."""
    text = json.dumps({"vlan": 50, "clusterNetwork": "cn1", "range": "10.50.0.0/24"})
    managers = (instance_manager(name, "10.50.0.%d" % place) for place, name in enumerate(WORKERS, 10))
    return having(setting("storage-network", text), *managers, on=on)


def uplink(name: str, *ports: str) -> dict[str, Any]:
    return {"name": name, "nics": list(ports)}


def ids(case: Case) -> list[str]:
    return [phase["id"] for phase in case.phases]


def stopped(*middle: str) -> list[str]:
    return ["vms-stop", *middle, "vms-start"]


OTHER_NIC = [uplink("rack-b", "eno6")]
PER_NODE = [{**uplink("node-%d" % place, "eno3"), "node": "n%d" % place} for place in (1, 2)]
HOSTS = host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"kubernetes.io/hostname": "n1"}})
