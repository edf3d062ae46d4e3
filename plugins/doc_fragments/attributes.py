# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of modules: what check mode and diff mode do, and where a module runs."""

from __future__ import annotations


class ModuleDocFragment:
    """C(attributes) describes; a section says what is supported: C(change) or C(info)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return what it would change, without changing anything.
  diff_mode:
    description: Returns the details of what changed, or in check mode of what would change, when in diff mode.
  platform:
    description: Operating systems that the module can run on.
"""

    CHANGE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    support: full
    platforms: linux
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Reads only; check mode makes no difference.
  diff_mode:
    support: N/A
    details:
      - Reads only; there is no difference to show.
  platform:
    support: full
    platforms: linux
"""
