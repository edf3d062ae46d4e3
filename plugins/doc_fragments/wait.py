# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of waiting; argument spec: module_utils/common/_wait.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the object is in the wanted state.
      - An object that is not there in time is a failure that says what was missing.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds.
      - Only with O(wait=true).
    type: int
    default: 300
  wait_sleep:
    description:
      - Time between two looks, in seconds.
      - Only with O(wait=true).
    type: int
    default: 5
"""
