# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of waiting. This module util is private to the collection.

Documented by the fragment C(wait); a unit test compares the two.
"""

from __future__ import annotations

from typing import Any, Dict

WAIT_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "wait": {"type": "bool", "default": True},
    # seconds
    "wait_timeout": {"type": "int", "default": 300},
    "wait_sleep": {"type": "int", "default": 5},
}
