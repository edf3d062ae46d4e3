# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster runs besides the network controller, as pure functions with a memory: KubeVirt, storage, kubelets."""

from __future__ import annotations

from collections.abc import Iterator

from .control_plane import ControlPlane
from .daemons import Daemons
from .kinds import (
    DAEMON_SET,
    DISRUPTION_BUDGET,
    IP_POOL,
    LEASE,
    LONGHORN_ENGINE,
    LONGHORN_NODE,
    LONGHORN_REPLICA,
    LONGHORN_SETTING,
    LONGHORN_VOLUME,
    MIGRATION,
    NAD,
    NODE,
    POD,
    SETTING,
    VM,
    VMI,
)
from .kubelet import Kubelets
from .moment import Moment, Timers
from .storage.addresses import Addresses
from .storage.longhorn import InstanceManagers
from .storage.settings import NetworkSettings
from .storage.volumes import Volumes
from .view import View
from .vms.launchers import Launchers
from .vms.lifecycle import Vms
from .vms.migrations import Migrations
from .writes import Write

KINDS = (
    NODE,
    NAD,
    SETTING,
    VM,
    VMI,
    MIGRATION,
    POD,
    DAEMON_SET,
    LEASE,
    DISRUPTION_BUDGET,
    LONGHORN_VOLUME,
    LONGHORN_ENGINE,
    LONGHORN_REPLICA,
    LONGHORN_NODE,
    LONGHORN_SETTING,
    IP_POOL,
)


class Controllers:
    """All of them, as they begin. Made anew when the cluster is brought back to a kept state."""

    def __init__(self) -> None:
        self._timers = Timers()
        timers = self._timers
        self._control_plane = ControlPlane()
        self._all = (
            Vms(timers),
            Launchers(),
            Migrations(timers),
            NetworkSettings(timers),
            InstanceManagers(),
            Addresses(),
            Volumes(timers),
            Daemons(),
            Kubelets(timers),
            self._control_plane,
        )

    @property
    def soonest(self) -> float:
        """Seconds until the next thing is due, as of the last look."""
        return self._timers.soonest

    @property
    def etcd_leader(self) -> str:
        """The node whose etcd member leads, '' while there is none."""
        return self._control_plane.leader

    def writes(self, view: View, moment: Moment) -> Iterator[list[Write]]:
        """Each controller's writes, one list after the other."""
        self._timers.begin()
        for controller in self._all:
            yield controller.writes(view, moment)
