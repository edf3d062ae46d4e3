# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for Harvester's webhooks and controllers, a real client of the lab's API server.

Its rules come from the facts about Harvester, not from the collection: nothing here imports anything of ``plugins/``,
and nothing there knows of this package, so that the two can disagree.

webhooks/   pure functions of (request, objects of the cluster): refusals and mutations, one file per upstream webhook
agent/      one per node: bonds, bridges, VLAN ids, VlanStatus, node labels
manager/    MTU, readiness, matched nodes, link monitors, nodes, virtual machines
canal       the pod network's device
"""
