# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the tests of this folder share their samples."""

from __future__ import annotations

import pathlib
import sys

from hypothesis import HealthCheck, settings

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "cluster")]

# A slow machine is no finding.
settings.register_profile("harvester", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("harvester")
