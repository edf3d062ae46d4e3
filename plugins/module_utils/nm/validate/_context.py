# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What validation knows of a call, and where its objections go. This module util is private to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import AbstractSet, Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...common._errors import Problem
from ...common._vlans import VlanList
from .._limits import Limits
from .._profile import ETHERNET, VLAN, Profile

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


@dataclass
class Report:
    """What validation found: problems refuse the call, warnings do not."""

    problems: List[Problem] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)


class Context:
    """One call: every profile as it would be, what the call touches, what was there before, and the kernel's links."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        touched: AbstractSet[str],
        links: Optional[Mapping[str, Any]],
        limits: Limits,
        removed: AbstractSet[str],
        before: Mapping[str, Profile],
    ) -> None:
        self.profiles = profiles
        self.touched = frozenset(touched)
        self.links = links
        self.limits = limits
        self.removed = frozenset(removed)
        self.before = before
        self.report = Report()
        self._makers: Dict[str, List[Profile]] = {}
        self._ports: Dict[str, List[Profile]] = {}
        self._vlans: Dict[str, List[Profile]] = {}
        for profile in profiles.values():
            self._index(profile)

    def _index(self, profile: Profile) -> None:
        if profile.device:
            self._makers.setdefault(profile.device, []).append(profile)
        if profile.get("controller"):
            self._ports.setdefault(profile.get("controller"), []).append(profile)
        if profile.type == VLAN and profile.get("vlan.parent"):
            self._vlans.setdefault(profile.get("vlan.parent"), []).append(profile)

    @property
    def changing(self) -> List[Profile]:
        """The profiles that this call creates or changes, in the order of the set."""
        return [profile for name, profile in self.profiles.items() if name in self.touched]

    def of(self, *types: str) -> List[Profile]:
        """The profiles of these types that this call creates or changes."""
        return [profile for profile in self.changing if profile.type in types]

    def makers(self, device: Optional[str]) -> Sequence[Profile]:
        """The profiles that make or configure a device."""
        return self._makers.get(device or "", ())

    def maker(self, device: Optional[str]) -> Optional[Profile]:
        """The first profile that makes or configures a device."""
        return next(iter(self.makers(device)), None)

    def ports(self, device: Optional[str]) -> Sequence[Profile]:
        """The profiles that name a device as their controller."""
        return self._ports.get(device or "", ())

    def vlans(self, device: Optional[str]) -> Sequence[Profile]:
        """The VLAN profiles on a device."""
        return self._vlans.get(device or "", ())

    def any_touched(self, *profiles: Profile) -> bool:
        return any(profile.id in self.touched for profile in profiles)

    def unchanged(self, *options: Tuple[Profile, str]) -> bool:
        """Whether these options of these profiles were the same before the call."""
        return all(
            profile.id in self.before and self.before[profile.id].get(option) == profile.get(option)
            for profile, option in options
        )

    def gone(self, device: Optional[str]) -> bool:
        """Whether this call removes the profile that makes the device, and no other profile makes it. NICs stay."""
        if not device or self.makers(device):
            return False
        old = [self.before[name] for name in self.removed if name in self.before]
        return any(profile.device == device and profile.type != ETHERNET for profile in old)

    def refuse(self, profile: Profile, option: str, rule: str, remedy: str = "") -> None:
        """Object to one option of a profile; its value goes into the message."""
        value = profile.get(option) if option else None
        self.report.problems.append(Problem(where(profile.id), option, shown(value), rule, remedy))

    def warn(self, profile: Profile, option: str, rule: str, remedy: str = "") -> None:
        """Mention something that does not refuse the call."""
        self.report.warnings.append(str(Problem(where(profile.id), option, None, rule, remedy)))


def where(profile_id: str) -> str:
    """The object of a message."""
    return "profile '%s'" % profile_id


def shown(value: Any) -> Any:
    """A value as the user would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, VlanList):
        return value.keyfile()
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return value


def names(profiles: Sequence[Profile]) -> str:
    """ "'a'", "'a' and 'b'", "'a', 'b' and 'c'"."""
    words = ["'%s'" % profile.id for profile in profiles]
    return words[0] if len(words) == 1 else "%s and %s" % (", ".join(words[:-1]), words[-1])


def is_uuid(text: Any) -> bool:
    """NetworkManager takes a UUID of a profile where it takes the name of a device."""
    return bool(UUID.match(str(text)))


def vlan_list(profile: Profile, option: str) -> VlanList:
    """A VLAN list of a profile, empty when it is not set."""
    value: VlanList = profile.get(option) or VlanList()
    return value
