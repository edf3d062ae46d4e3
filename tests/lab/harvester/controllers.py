# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster runs besides the network controller: KubeVirt, kubelets. Pure functions and what they remember."""

from __future__ import annotations

from collections.abc import Iterator

from .kinds import DISRUPTION_BUDGET, MIGRATION, NODE, POD, VM, VMI
from .kubelet import Kubelets
from .moment import Moment, Timers
from .view import View
from .vms.launchers import Launchers
from .vms.lifecycle import Vms
from .vms.migrations import Migrations
from .writes import Write

KINDS = (NODE, VM, VMI, MIGRATION, POD, DISRUPTION_BUDGET)


class Controllers:
    """All of them, as they begin. Made anew when the cluster is brought back to a kept state."""

    def __init__(self) -> None:
        self._timers = Timers()
        timers = self._timers
        self._all = (Vms(timers), Launchers(), Migrations(timers), Kubelets(timers))

    @property
    def soonest(self) -> float:
        """Seconds until the next thing is due, as of the last look."""
        return self._timers.soonest

    def writes(self, view: View, moment: Moment) -> Iterator[list[Write]]:
        """Each controller's writes, one list after the other."""
        self._timers.begin()
        for controller in self._all:
            yield controller.writes(view, moment)
