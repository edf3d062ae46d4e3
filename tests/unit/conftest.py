# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all unit tests. Properties have no deadline: a timing is never asserted, and a busy machine is no failure."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.harvester.network.plugins.module_utils.common import _pause

settings.register_profile("harvester", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("harvester")


@pytest.fixture(autouse=True)
def nothing_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module's process counts what it has waited; here all calls share one."""
    monkeypatch.setattr(_pause, "_pauses", [])
