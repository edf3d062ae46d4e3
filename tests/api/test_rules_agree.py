# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's rules and the API agree: a change is refused by the API exactly when a rule of Harvester's objects.

Both sides are made from the facts about Harvester and not from one another, so each can show an error of the other. The
changes are dry runs against the seeded cluster, which therefore stays as it is.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from wishes import KINDS, Wish, agree, wishes

from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._read import read_snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._transport import Transport
from lab.apiserver import Cluster

pytestmark = pytest.mark.api


@pytest.fixture(scope="module")
def api(running: Cluster) -> Client:
    running.reset()
    return Client(Transport({"kubeconfig": str(running.kubeconfig)}), retry_timeout=10)


@pytest.fixture(scope="module")
def base(api: Client) -> Snapshot:
    return read_snapshot(api, KINDS)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(wish=wishes)
def test_the_api_refuses_exactly_what_harvesters_own_rules_object_to(api: Client, base: Snapshot, wish: Wish) -> None:
    agree(api, base, wish)
