# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Kubernetes API for the lab: kube-apiserver, etcd and a few controllers, with Harvester's kinds and seed data.

``python -m lab up --cluster --nodes 0`` starts it without node VMs; in tests::

    cluster = Lab().up(nodes=0, cluster=True).cluster
    cluster.kubeconfig                      # for kubectl, Ansible, any client
    cluster.client().list("v1", "Node")     # the lab's own small client
    cluster.reset()                         # back to the seeded state
"""

from .client import ApiError, Client, Object
from .cluster import Cluster

__all__ = ["ApiError", "Client", "Cluster", "Object"]
