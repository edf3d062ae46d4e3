# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NetworkManager profile as typed values. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional

BOND = "bond"
BRIDGE = "bridge"
VLAN = "vlan"
ETHERNET = "ethernet"
TYPES = (BOND, BRIDGE, VLAN, ETHERNET)

PORT_PREFIX = "bond-slave-"


@dataclass(frozen=True)
class Profile:
    """One profile; ``values`` maps dotted option names to typed values.

    A name that is missing in ``values`` is not set in the profile: NetworkManager's default holds.
    In what is *wanted* a value of None means "unset this"; a Profile that was read never holds None.
    """

    id: str
    type: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def get(self, option: str, default: Any = None) -> Any:
        """The value of a dotted option, or ``default`` when it is not set."""
        value = self.values.get(option)
        return default if value is None else value

    @property
    def device(self) -> Optional[str]:
        """Kernel name of the device that this profile makes or configures; None when it is bound to none.

        A VLAN profile without interface name gets <parent>.<id>, as Harvester's vlan-mgmt does.
        """
        name = self.values.get("interface_name")
        if name:
            return str(name)
        parent, vid = self.values.get("vlan.parent"), self.values.get("vlan.id")
        if self.type == VLAN and parent and vid is not None:
            return "%s.%s" % (parent, vid)
        return None

    def replaced(self, values: Mapping[str, Any]) -> Profile:
        """The same profile with other values."""
        return Profile(self.id, self.type, dict(values))

    def merged(self, wanted: Profile) -> Profile:
        """What this profile is once ``wanted`` is applied: named values replace, None unsets, the rest stays."""
        values: Dict[str, Any] = dict(self.values)
        for option, value in wanted.values.items():
            if value is None:
                values.pop(option, None)
            else:
                values[option] = value
        return self.replaced(values)
