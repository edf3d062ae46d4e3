# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's side of the module vlan_profile."""

from __future__ import annotations

from ansible_collections.harvester.network.plugins.plugin_utils._profile_action import ProfileAction


class ActionModule(ProfileAction):
    """See the base class."""

    kind = "vlan"
