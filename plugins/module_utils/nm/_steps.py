# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live steps as data: what is planned on the module's side and carried out by the transient unit.

This module util is private to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

# How a device takes its change; shown to users in devices[].how.
KERNEL = "kernel"
UP = "up"
REAPPLY = "reapply"
ACTIVATE = "activate"
REMOVE = "remove"
REBOOT = "reboot"
NONE = "none"

# What a step does.
RUN = "run"  # run argv
WRITE = "write"  # write value to the sysfs file path
REAPPLY_DEVICE = "reapply"  # D-Bus Reapply of the device, preserve-external-ip


class Step(NamedTuple):
    """One live step on one device.

    do, undo: argv lists (kind run), [path, value] (kind write) or [device] (kind reapply).
    timeout: seconds that the step may take. controller: what a device that comes up is attached to, or ''.
    """

    device: str
    how: str
    why: str
    kind: str = RUN
    do: Tuple[str, ...] = ()
    undo: Tuple[Tuple[str, ...], ...] = ()
    timeout: int = 20
    controller: str = ""

    def to_dict(self) -> Dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        return cls(**dict(data, do=tuple(data["do"]), undo=tuple(tuple(argv) for argv in data["undo"])))

    def __str__(self) -> str:
        return " ".join(self.do)


@dataclass
class Plan:
    """What a request means on this node now.

    steps: live steps in order. devices: one entry per device concerned, with how and why.
    reboot: reasons why a reboot is needed. warnings: for the operator. expected: what may differ afterwards.
    bond_options: what the kernel must show afterwards, by bond and sysfs name.
    """

    steps: List[Step] = field(default_factory=list)
    devices: Dict[str, Dict[str, str]] = field(default_factory=dict)
    reboot: List[str] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)
    expected: Dict[str, Any] = field(default_factory=dict)
    bond_options: Dict[str, Dict[str, str]] = field(default_factory=dict)

    def add(self, *steps: Step) -> None:
        for step in steps:
            self.steps.append(step)
            self.note(step.device, step.how, step.why)

    def note(self, device: str, how: str, why: str) -> None:
        """Record how a device changes; the strongest way wins, reasons are joined."""
        old = self.devices.get(device)
        if old is None:
            self.devices[device] = {"name": device, "how": how, "why": why}
            return
        if _ORDER.index(how) > _ORDER.index(old["how"]):
            old["how"] = how
        if why not in old["why"].split("; "):
            old["why"] += "; " + why

    def needs_reboot(self, device: str, why: str) -> None:
        self.reboot.append("%s: %s" % (device, why))
        self.note(device, REBOOT, why)

    def device_list(self) -> List[Dict[str, str]]:
        return list(self.devices.values())


_ORDER: Sequence[str] = (NONE, KERNEL, UP, REAPPLY, ACTIVATE, REMOVE, REBOOT)
