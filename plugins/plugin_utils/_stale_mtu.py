# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An MTU that was changed, where it is still written with its old value. Pure; private to the collection.

That is the inventory, which the next run would bring about, and /oem/harvester.config, which a forced regeneration
would (harvester-facts 4.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ..module_utils.common import _mtu
from ..module_utils.common._errors import NetworkError

MGMT = "mgmt"
MGMT_VARIABLE, NETWORKS_VARIABLE = "harvester_mgmt", "harvester_cluster_networks"
INTERFACE = "managementinterface"


def stale(mgmt: Any, networks: Any, cluster_network: str, mtu: Any) -> list[str]:
    """The variables that have another MTU for a cluster network than it has now, as "harvester_mgmt.mtu=1500".

    mgmt, networks: ``harvester_mgmt`` and ``harvester_cluster_networks``. mtu: bytes.
    """
    found: list[tuple[str, Any]] = []
    if cluster_network == MGMT and isinstance(mgmt, Mapping):
        found.append((f"{MGMT_VARIABLE}.mtu", mgmt.get("mtu")))
    for place, network in enumerate(networks or ()):
        if isinstance(network, Mapping) and network.get("name") == cluster_network:
            found += _of_network(network, f"{NETWORKS_VARIABLE}[{place}]")
    return [f"{name}={value}" for name, value in found if value is not None and not _same(value, mtu)]


def with_mtu(content: str, mtu: int) -> str:
    """The text of /oem/harvester.config with this MTU of the management interface, and every other character as it is.

    mtu: bytes. A file without the key gets it, unless it means the default anyway. Raises NetworkError for a text that
    has no management interface; the message has nothing of the text, which holds a token and a password.
    """
    try:
        interface = _interface(yaml.compose(content, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise NetworkError("it is no YAML, so its MTU is not changed; edit it by hand") from error
    if interface is None:
        raise NetworkError("it has no install.management_interface, so it has no MTU; edit it by hand")
    for key, value in interface.value:
        if _plain(key.value) == "mtu":
            if _same(value.value, mtu):
                return content
            return content[: value.start_mark.index] + str(mtu) + content[value.end_mark.index :]
    if _same(0, mtu):
        return content
    return _inserted(content, interface, mtu)


def _of_network(network: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    yield f"{where}.uplink_mtu", network.get("uplink_mtu")
    yield f"{where}.uplink.mtu", (network.get("uplink") or {}).get("mtu")
    for place, config in enumerate(network.get("configs") or ()):
        yield f"{where}.configs[{place}].uplink.mtu", (config.get("uplink") or {}).get("mtu")


def _same(value: Any, mtu: Any) -> bool:
    try:
        return _mtu.equal(value, mtu)
    except _mtu.MtuError:
        return False


def _interface(document: Any) -> Any:
    """The node of install.management_interface; None where there is none, or where it is empty."""
    found = _child(_child(document, "install"), INTERFACE)
    return found if isinstance(found, yaml.MappingNode) and found.value else None


def _child(node: Any, wanted: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if _plain(key.value) == wanted), None)


def _plain(name: Any) -> str:
    """The installer has written names with and without underscores."""
    return str(name).replace("_", "").lower()


def _inserted(content: str, interface: Any, mtu: int) -> str:
    """With the key before the first one, in the form of the file: quoted in JSON, on a line of its own in a block."""
    first = interface.value[0][0].start_mark
    name = '"mtu"' if content[first.index] == '"' else "mtu"
    after = ", " if interface.flow_style else "\n" + " " * first.column
    return f"{content[: first.index]}{name}: {mtu}{after}{content[first.index :]}"
