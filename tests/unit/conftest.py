# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties have no deadline: a timing is never asserted, and a busy machine is no failure."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("harvester", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("harvester")
