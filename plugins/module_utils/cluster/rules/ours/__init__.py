# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that Harvester lacks: what it would take, and what then fails later or silently.

A file per object. They judge what a change brings; what was there before and stays raises nothing. This module util is
private to the collection.
"""

from __future__ import annotations

from . import (
    _cluster,
    _cluster_network,
    _config,
    _config_nics,
    _config_nodes,
    _host_config,
    _node,
    _setting,
    _storage_network,
    _vm,
    _vm_network,
)

FILES = (
    _cluster,
    _cluster_network,
    _config,
    _config_nodes,
    _config_nics,
    _vm_network,
    _host_config,
    _setting,
    _storage_network,
    _node,
    _vm,
)
"""Importing them fills the registry."""
