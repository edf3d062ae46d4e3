# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU that a cluster network gives its VM networks. This module util is private to the collection."""

from __future__ import annotations

from typing import Optional

from ..common import _mtu
from . import _keys, _objects
from ._snapshot import Snapshot


def annotated(cluster_network: _objects.Object) -> Optional[str]:
    """The text of annotation uplink-mtu; None when it is absent."""
    return _objects.annotations_of(cluster_network).get(_keys.UPLINK_MTU)


def of_annotation(cluster_network: _objects.Object) -> int:
    """The effective MTU of annotation uplink-mtu: 1500 for 0 and when absent. Raises MtuError."""
    return _mtu.effective(annotated(cluster_network))


def valid(mtu: object) -> bool:
    """Whether the webhooks take it: 0, or 576 to 9000 bytes."""
    return _mtu.objection(mtu) is None


def for_nads(snapshot: Snapshot, name: str, label: str) -> int:
    """The MTU that a VM network must have (NC pkg/webhook/nad): the annotation, else the first configuration's, else
    1500.

    name: of the cluster network. label: the value by which configurations are looked for; the mutator takes the name
    from the bridge, the validator takes the VM network's label, which may be missing. Raises MtuError.
    """
    item = snapshot.get("clusternetworks", name)
    if item is not None and annotated(item) is not None:
        return of_annotation(item)
    configs = snapshot.configs_of(label)
    if configs and valid(configs[0].mtu):
        return configs[0].effective_mtu
    return _mtu.DEFAULT
