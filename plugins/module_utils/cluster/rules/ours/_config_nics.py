# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: their NICs, node by node. This module util is private to the collection.

No webhook looks at NICs. The agent fails later (VlanStatus ready False), or takes what belongs to somebody else.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from ... import _nics
from .._registry import PUT, Finding, ours
from .._request import Request
from .._shared import nodes
from ._config_nodes import joining

KIND = ("vlanconfigs",)


@ours("config-no-nics", "A configuration has NICs", KIND, PUT, "NC agent: makes a bond without ports")
def no_nics(request: Request) -> Iterator[Finding]:
    if not request.config.nics and (request.old is None or request.uplink_changed):
        yield Finding("its uplink has no NICs", "name at least one NIC")


@ours("config-nic-twice", "Each NIC is named once", KIND, PUT, "NC pkg/webhook/vlanconfig does not look at the list")
def nic_twice(request: Request) -> Iterator[Finding]:
    nics = request.config.nics or ()
    twice = sorted({nic for nic in nics if nics.count(nic) > 1})
    if twice and (request.old is None or request.uplink_changed):
        yield Finding("NIC '%s' is named more than once" % "', '".join(twice), "name it once")


@ours(
    "config-nic-unknown",
    "The NICs of the nodes are known",
    KIND,
    PUT,
    "NC LinkMonitor nic: an entry per node, by its agent",
)
def nic_unknown(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.UNKNOWN, "see that the node's network agent runs")


@ours(
    "config-nic-missing",
    "The NICs exist on every node",
    KIND,
    PUT,
    "NC agent: 'get link ... failed', tried again every few seconds; the old bond stays as it was",
)
def nic_missing(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.MISSING, "make a configuration of their own for nodes with other NICs")


@ours("config-nic-down", "The NICs are up", KIND, PUT, "Harvester's UI does not offer a NIC that is down")
def nic_down(request: Request) -> Iterator[Finding]:
    step = "look at its cable and switch port, or leave it out"
    if not request.has("nics_set_up_again"):
        step += "; before 1.7 a NIC that Harvester released stays down until it is set up on the node"
    return _findings(request, _nics.DOWN, step)


@ours(
    "config-nic-port",
    "The NICs are no ports of another bond or bridge",
    KIND,
    PUT,
    "NC agent: 'has been enslaved by the link with index ...'",
)
def nic_port(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.PORT, "free it, or use another NIC")


@ours(
    "config-nic-used",
    "The NICs are used by one configuration per node",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig: NICs of other configurations are not compared",
)
def nic_used(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.USED, "take it out of that configuration first, or use another NIC")


@ours(
    "config-nic-mgmt",
    "The management network keeps its NICs and devices",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig takes management NICs, and even mgmt-bo, as an uplink",
)
def nic_mgmt(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.MGMT, "use another NIC; taking this one cuts the node off")


@ours(
    "config-nic-device",
    "Devices of cluster networks are no NICs",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig takes any device name as a NIC",
)
def nic_device(request: Request) -> Iterator[Finding]:
    return _findings(request, _nics.DEVICE, "name physical NICs")


def _findings(request: Request, code: str, next_step: str) -> Iterator[Finding]:
    """One finding per NIC and reason, with the nodes."""
    grouped: Dict[Tuple[str, str], List[str]] = {}
    for node, nic, in_place in _pairs(request):
        config = request.config
        found = _nics.obstacle(request.snapshot, node, nic, config.cluster_network, config.name)
        if found is None or found.code != code or (in_place and code != _nics.MISSING):
            continue
        grouped.setdefault((nic, found.text), []).append(node)
    for (nic, text), places in grouped.items():
        yield Finding("NIC '%s' cannot be used on %s: %s" % (nic, nodes(places), text), next_step)


def _pairs(request: Request) -> Iterator[Tuple[str, str, bool]]:
    """(node, NIC, whether the configuration has it there already) of what the agents would set up."""
    old, new = request.old_config, request.config
    new_nodes = set(joining(request))
    for nic in dict.fromkeys(new.nics or ()):
        for node in request.selected if old is None or request.uplink_changed else sorted(new_nodes):
            in_place = old is not None and node not in new_nodes and nic in (old.nics or ())
            yield node, nic, in_place
