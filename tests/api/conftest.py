# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of its own for the session, brought back to the seeded state before every test. No node VM, no QEMU."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab import Lab, Progress, config
from lab.apiserver import Client, Cluster


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    """The session's cluster (one per pytest-xdist worker), beside whatever lab runs; it ends with the session."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    lab = Lab(f"{config.lab_name()[:12]}-api{worker}", Progress())
    try:
        yield lab.up(nodes=0, cluster=True).cluster
    finally:
        lab.down()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """The cluster as an operator has it: see lab/apiserver/seed.py."""
    running.reset()
    return running


@pytest.fixture
def client(cluster: Cluster) -> Client:
    """The lab's own client, as administrator: for what surrounds the code under test."""
    return cluster.client()
