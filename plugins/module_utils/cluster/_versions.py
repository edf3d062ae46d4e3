# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of Harvester and where they differ, as data. This module util is private to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Optional

from ..common._errors import NetworkError

_TEXT = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+.].*)?$")


class VersionError(NetworkError, ValueError):
    """A version that is no version of Harvester, or one that the rules do not know."""


@dataclass(frozen=True, order=True)
class Version:
    """A release; a release candidate counts as its release."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return "%d.%d.%d" % (self.major, self.minor, self.patch)


OLDEST = Version(1, 6)
NEWEST = Version(1, 9)
"""The rules of 1.9 were read from its release candidates and hold for what comes after it until that is read."""

SINCE: Dict[str, Version] = {
    # NC pkg/webhook/vlanconfig/mutator.go: matched-nodes anew on every update, not only when the spec changed
    "matched_nodes_on_every_update": Version(1, 7),
    "trunk_networks": Version(1, 7),
    # before it wicked made the management network, and this collection changes no host
    "networkmanager": Version(1, 7),
    # HV issues 9032, 3166 and 3205: before it a NIC that is released stays down
    "nics_set_up_again": Version(1, 7),
    # NC pkg/controller/agent: miimon -1 reaches the kernel as 100
    "miimon_default_100": Version(1, 7),
    "host_network_configs": Version(1, 8),
    "rwx_network": Version(1, 8),
    # HV pkg/webhook/resources/setting: no change while the last one is in progress
    "storage_in_progress": Version(1, 8),
    # NC manager: the annotations of a cluster network follow when their source configuration goes
    "mtu_resourced": Version(1, 8),
    # NC agent: VLAN ids without a VM network or a VLAN device leave the port of the management bond
    "foreign_vlans_removed": Version(1, 7),
    # HV issue 8953: before it a VM network's deletion took the management VLAN off mgmt-bo
    "mgmt_vlan_protected": Version(1, 6, 1),
    "mgmt_configs": Version(1, 9),
    "label_guard": Version(1, 9),
    "system_networks": Version(1, 9),
    "exclusive_vlan": Version(1, 9),
    # HV setting validator: configurations without matched-nodes are passed over
    "empty_configs_passed_over": Version(1, 9),
}
"""Behaviour -> the first version that has it."""


def parse(text: Any) -> Version:
    """ "v1.8.2", "1.8", "v1.9.0-rc6" -> Version. Raises VersionError for other texts and for versions before 1.6."""
    match = _TEXT.match(str(text).strip())
    if not match:
        raise VersionError("'%s' is no version of Harvester; give one such as v1.8.2" % text)
    version = Version(*(int(part or 0) for part in match.groups()))
    if version < OLDEST:
        raise VersionError("Harvester %s is older than %s, the first that the rules know" % (version, OLDEST))
    return version


def of_setting(setting: Optional[Any]) -> Version:
    """The running version, from setting server-version; NEWEST where the setting names none (builds of a branch)."""
    text = (setting or {}).get("value") or (setting or {}).get("default")
    return parse(text) if text and _TEXT.match(str(text).strip()) else NEWEST


def has(version: Version, behaviour: str) -> bool:
    """Whether this version behaves so; ``behaviour`` is a key of SINCE."""
    return version >= SINCE[behaviour]
