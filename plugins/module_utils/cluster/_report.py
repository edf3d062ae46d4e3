# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What module network_info returns: a cluster's networking in one shape. This module util is private to the collection.

Pure: a snapshot goes in, plain dicts and lists come out. Each subset says which kinds it needs, so that a caller reads
no more than it asks for. Work grows with the number of objects, never with its square; where a VM can run is answered
per VM and node, since that is what is asked.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from . import _report_longhorn, _report_networks, _report_nodes, _report_vms
from ._report_filter import Filter
from ._snapshot import Snapshot


class Subset(NamedTuple):
    """A part of the report. kinds: what it is made of, keys of _kinds.BY_KEY."""

    kinds: Tuple[str, ...]
    make: Callable[[Snapshot, Filter], Any]


NETWORKS = ("clusternetworks", "vlanconfigs", "vlanstatuses")
GUESTS = ("vms", "vmis")

SUBSETS: Dict[str, Subset] = {
    "cluster_networks": Subset((*NETWORKS, "nads", "nodes"), _report_networks.cluster_networks),
    "network_configs": Subset(("vlanconfigs", "nodes"), _report_networks.network_configs),
    "vlan_statuses": Subset(("vlanstatuses",), _report_networks.vlan_statuses),
    "vm_networks": Subset(("nads", *GUESTS), _report_networks.vm_networks),
    "host_network_configs": Subset(("hostnetworkconfigs", "nodes"), _report_networks.host_network_configs),
    "storage_network": Subset(("settings", "nads"), _report_networks.storage_network),
    "longhorn": Subset(("settings", "longhorn_settings", "longhorn_pods"), _report_longhorn.longhorn),
    "vms": Subset((*GUESTS, "nads", "nodes"), _report_vms.vms),
    "nodes": Subset(("nodes",), _report_nodes.nodes),
    "nics": Subset(("nodes", "linkmonitors", "vlanconfigs", "clusternetworks"), _report_nodes.nics),
    "versions": Subset(("settings", "nodes", "upgrades"), _report_nodes.versions),
}
"""Key of the report -> what makes it."""


def kinds(subsets: Iterable[str]) -> List[str]:
    """The kinds that these subsets need, each once. Raises KeyError for a subset that is not in the table."""
    return list(dict.fromkeys(kind for subset in subsets for kind in SUBSETS[subset].kinds))


def report(
    snapshot: Snapshot, subsets: Optional[Iterable[str]] = None, only: Optional[Filter] = None
) -> Dict[str, Any]:
    """The report. subsets: keys of SUBSETS, all when None. only: what is kept, everything when None.

    The snapshot must hold what kinds() names; a kind that is missing counts as having no objects.
    """
    wanted = SUBSETS if subsets is None else subsets
    return {name: SUBSETS[name].make(snapshot, only or Filter()) for name in wanted}
