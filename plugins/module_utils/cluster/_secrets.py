# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets in a kubeconfig that is given as a dict, so that no log shows them.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Mapping, Set

SECRET_KEYS = ("token", "password", "client-key-data", "client-certificate-data", "id-token", "refresh-token")


def secrets_of(kubeconfig: Any) -> Set[str]:
    """Every value of a secret key, at any depth; nothing for a path."""
    found: Set[str] = set()
    if isinstance(kubeconfig, Mapping):
        for key, value in kubeconfig.items():
            if key in SECRET_KEYS and isinstance(value, str) and value:
                found.add(value)
            found |= secrets_of(value)
    elif isinstance(kubeconfig, (list, tuple)):
        for item in kubeconfig:
            found |= secrets_of(item)
    return found
