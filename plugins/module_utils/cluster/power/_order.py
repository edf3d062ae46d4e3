# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order VMs are stopped and started. This module util is private to the collection.

KubeVirt has no order of its own. A stage is stopped, or started, as a whole before the next one begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from .._snapshot import Snapshot

INFRASTRUCTURE = -1


@dataclass(frozen=True)
class Order:
    """infrastructure: VMs that start first and stop last, as "namespace/name". names: VMs in the order in which they
    start. label: key of a label whose value is the number of a VM's stage, the lowest first; empty for none."""

    infrastructure: Tuple[str, ...] = ()
    names: Tuple[str, ...] = ()
    label: str = ""

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Order:
        """From module options."""
        return cls(
            tuple(options.get("infrastructure_vms") or ()),
            tuple(options.get("order") or ()),
            str(options.get("order_label") or ""),
        )

    def stage(self, snapshot: Snapshot, reference: str) -> Tuple[int, float]:
        """The stage in which a VM starts, to be sorted; what nothing orders starts last. Stopping goes backwards."""
        if reference in self.infrastructure:
            return (INFRASTRUCTURE, 0)
        if reference in self.names:
            return (0, self.names.index(reference))
        guest = snapshot.vms.get(reference) or snapshot.vmis.get(reference)
        if self.label and guest is not None:
            try:
                return (0, float(guest.labels.get(self.label, "")))
            except ValueError:
                pass
        return (1, 0)
