# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects a report keeps. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, FrozenSet, Iterable, Mapping, NamedTuple, Optional


class Filter(NamedTuple):
    """Names that are kept; None keeps all. vms: as "namespace/name"."""

    cluster_networks: Optional[FrozenSet[str]] = None
    nodes: Optional[FrozenSet[str]] = None
    vms: Optional[FrozenSet[str]] = None

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Filter:
        """From module options of the same names; one that is missing or None keeps all."""
        return cls(*(_names(options.get(field)) for field in cls._fields))

    def cluster_network(self, *names: str) -> bool:
        """Whether one of these cluster networks is kept."""
        return self.cluster_networks is None or not self.cluster_networks.isdisjoint(names)

    def node(self, name: str) -> bool:
        return self.nodes is None or name in self.nodes

    def vm(self, reference: str) -> bool:
        return self.vms is None or reference in self.vms


def _names(given: Optional[Iterable[str]]) -> Optional[FrozenSet[str]]:
    return None if given is None else frozenset(given)
