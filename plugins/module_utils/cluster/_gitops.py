# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who puts an object back when somebody else changes it. This module util is private to the collection."""

from __future__ import annotations

from typing import List

from . import _objects

HELM = "meta.helm.sh/release-name"
ARGO = "argocd.argoproj.io/tracking-id"


def managers(item: _objects.Object) -> List[str]:
    """The managers of an object, as "Helm release prod"; Fleet installs by Helm."""
    marks = _objects.annotations_of(item)
    found = ["Helm release %s" % marks[HELM]] if HELM in marks else []
    return found + (["Argo CD"] if ARGO in marks else [])
