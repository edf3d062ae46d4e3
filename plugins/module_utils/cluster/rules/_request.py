# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change as the rules see it. This module util is private to the collection."""

from __future__ import annotations

from functools import cached_property
from typing import Optional, Tuple

from .. import _effects, _mutations, _objects, _selectors
from .._change import Change
from .._config import NetworkConfig
from .._nad import Nad
from .._nodes import Node
from .._snapshot import Snapshot
from .._versions import Version, has


class Request:
    """A change with the snapshot that it meets.

    old: the object as it is; None when it is created. new: the object after the mutating webhooks; None when it is
    deleted. operation: "create", "update" or "delete".
    """

    def __init__(self, snapshot: Snapshot, change: Change, version: Version, after: Optional[Snapshot] = None) -> None:
        self.snapshot = snapshot
        self.change = change
        self.version = version
        self._after = after
        self.old = snapshot.get(change.kind, change.name, change.namespace)
        self.new = _mutations.mutated(snapshot, change, version)
        self.operation = "delete" if self.new is None else "create" if self.old is None else "update"

    @property
    def name(self) -> str:
        return self.change.name

    @property
    def current(self) -> _objects.Object:
        """The new object, or the old one of a deletion; empty when neither is there."""
        return self.new if self.new is not None else self.old or {}

    @property
    def unchanged(self) -> bool:
        """Whether the change asks for what is there already, or for the deletion of what is not."""
        return self.change.object == self.old

    @property
    def being_deleted(self) -> bool:
        """Whether it updates an object that is being deleted; the webhooks pass that on unseen."""
        return self.new is not None and _objects.deleting(self.new)

    def has(self, behaviour: str) -> bool:
        """Whether Harvester behaves so in this version; a key of _versions.SINCE."""
        return has(self.version, behaviour)

    @cached_property
    def after(self) -> Snapshot:
        """The snapshot that the change leads to."""
        return self._after or _effects.after(self.snapshot, self.change, self.version)

    # The object in typed form; each is for rules of that kind.

    @cached_property
    def old_config(self) -> Optional[NetworkConfig]:
        return NetworkConfig.read(self.old) if self.old is not None else None

    @cached_property
    def new_config(self) -> Optional[NetworkConfig]:
        return NetworkConfig.read(self.new) if self.new is not None else None

    @property
    def config(self) -> NetworkConfig:
        return NetworkConfig.read(self.current)

    @cached_property
    def old_nad(self) -> Optional[Nad]:
        return Nad.read(self.old) if self.old is not None else None

    @property
    def nad(self) -> Nad:
        return Nad.read(self.current)

    @cached_property
    def old_node(self) -> Optional[Node]:
        return Node.read(self.old) if self.old is not None else None

    @cached_property
    def new_node(self) -> Optional[Node]:
        return Node.read(self.new) if self.new is not None else None

    @cached_property
    def uplink_changed(self) -> bool:
        """Whether an update changes cluster network or uplink as Harvester compares them."""
        old, new = self.old_config, self.new_config
        if old is None or new is None:
            return False
        return old.cluster_network != new.cluster_network or old.uplink_as_stored != new.uplink_as_stored

    @cached_property
    def affected(self) -> Tuple[str, ...]:
        """The nodes whose VMs block the change of a configuration (NC pkg/webhook/vlanconfig/validator.go).

        Deletion, or another cluster network or uplink: all old matched nodes. Else those that are matched no longer.
        """
        old, new = self.old_config, self.new_config
        if old is None:
            return ()
        if new is None or self.uplink_changed:
            return old.nodes
        return tuple(sorted(set(old.nodes) - set(new.nodes)))

    @cached_property
    def selected(self) -> Tuple[str, ...]:
        """The nodes that the new configuration's selector matches now, whatever its annotation says."""
        new = self.new_config
        return _selectors.matched(self.snapshot.nodes.values(), new.selector) if new is not None else ()
