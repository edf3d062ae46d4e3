# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wanted change of one object. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional

from . import _objects
from ._kinds import BY_KEY, title


@dataclass(frozen=True)
class Change:
    """What is wanted of one object: that it is as ``object``, or, where that is None, that it is gone.

    kind: a key of _kinds.BY_KEY. Make one with put(), patch() or delete().
    """

    kind: str
    namespace: str
    name: str
    object: Optional[_objects.Object]

    @classmethod
    def put(cls, kind: str, item: _objects.Object) -> Change:
        """The whole object as it is sent to the API; with a merge patch, as the patch makes it (see patch())."""
        return cls(BY_KEY[kind].key, _objects.namespace(item), _objects.name(item), item)

    @classmethod
    def patch(cls, kind: str, item: _objects.Object, patch: Mapping[str, Any]) -> Change:
        """An existing object with a JSON merge patch."""
        return cls.put(kind, _objects.merged(item, patch))

    @classmethod
    def delete(cls, kind: str, namespace: str, name: str) -> Change:
        """namespace: empty for objects of the cluster."""
        return cls(BY_KEY[kind].key, namespace, name, None)

    @property
    def title(self) -> str:
        """The object in a message."""
        return title(self.kind, self.namespace, self.name)
