# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd's members and leader, and the holder of the virtual address, as gates of a reboot read them (7.2 of the facts).

A member votes by its node's condition ``EtcdIsVoter``; the leader stands only in the metrics that each member serves on
its own node; the virtual address in kube-vip's Lease. A node that is not Ready loses both.
"""

from __future__ import annotations

import shlex

from .kinds import LEASE, NODE
from .moment import Moment
from .objects import Obj, condition, is_true, labels, name, spec, status
from .view import View, get
from .writes import Write, patch

ETCD, ROLE = "node-role.kubernetes.io/etcd", "node-role.kubernetes.io/control-plane"
VOTER = "EtcdIsVoter"
VIP_LEASE = "plndr-svcs-lock"
SYSTEM = "harvester-system"
PORT = 2381
"""Of the metrics, on the node's loopback, as RKE2 has them (rke2 #1100)."""
FOLDER, UNIT = "/run/lab-etcd", "lab-etcd"


class ControlPlane:
    """Writes for nodes and Lease; ``leader``: the node whose etcd member leads, '' while there is none."""

    def __init__(self) -> None:
        self.leader = ""

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """What changed of members and holder; the leader moves without a write."""
        members = sorted((node for node in view.list(NODE) if ETCD in labels(node)), key=name)
        found: list[Write] = []
        for node in members:
            found += _voter(node, name(node) not in moment.faults.etcd_learners, moment)
        able = [name(node) for node in members if is_true(node, "Ready")]
        voters = [item for item in able if item not in moment.faults.etcd_learners]
        self.leader = _held(self.leader, moment.faults.etcd_leader, voters if 2 * len(voters) > len(members) else [])
        lease = get(view, LEASE, VIP_LEASE, SYSTEM)
        if lease is not None:
            planes = [name(node) for node in view.list(NODE) if ROLE in labels(node) and is_true(node, "Ready")]
            before = str(spec(lease).get("holderIdentity") or "")
            holder = _held(before, moment.faults.vip_holder, sorted(planes))
            if holder and holder != before:
                changes = int(spec(lease).get("leaseTransitions") or 0) + 1
                found.append(patch(LEASE, lease, {"spec": {"holderIdentity": holder, "leaseTransitions": changes}}))
        return found


def _held(before: str, wanted: str, able: list[str]) -> str:
    """Who has it now: the wanted one, else the same as before, else the first that is able."""
    for item in (wanted, before):
        if item in able:
            return item
    return able[0] if able else ""


def _voter(node: Obj, votes: bool, moment: Moment) -> list[Write]:
    if (condition(node, VOTER) or {}).get("status") == str(votes):
        return []
    item = {
        "type": VOTER,
        "status": str(votes),
        "reason": "MemberNotLearner" if votes else "MemberIsLearner",
        "message": "Node is a voting member of the etcd cluster"
        if votes
        else "Node has not been promoted from learner",
        "lastHeartbeatTime": moment.now,
        "lastTransitionTime": moment.now,
    }
    others = [one for one in status(node).get("conditions") or [] if one.get("type") != VOTER]
    return [patch(NODE, node, {"status": {"conditions": [*others, item]}}, status=True)]


# --- on the node


def is_member(node: Obj | None) -> bool:
    return node is not None and ETCD in labels(node)


def metrics(is_leader: bool, has_leader: bool) -> str:
    """What a member says of itself: the few gauges that tell who leads (etcd server/etcdserver/metrics.go)."""
    gauges = {
        "etcd_server_has_leader": ("Whether or not a leader exists. 1 is existence, 0 is not.", has_leader),
        "etcd_server_is_leader": ("Whether or not this member is a leader. 1 if is, 0 otherwise.", is_leader),
        "etcd_server_is_learner": ("Whether or not this member is a learner. 1 if is, 0 otherwise.", False),
    }
    lines = []
    for key, (said, value) in gauges.items():
        lines += [f"# HELP {key} {said}", f"# TYPE {key} gauge", f"{key} {int(value)}"]
    return "\n".join(lines) + "\n"


def serve(text: str) -> str:
    """The shell line by which a node serves these metrics; it may be run again and again."""
    words = ["python3", "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", FOLDER]
    start = shlex.join(["systemd-run", "--quiet", "--collect", f"--unit={UNIT}", *words])
    # the file is replaced as a whole, as somebody may read it
    new = f"{FOLDER}/.new"
    return (
        f"mkdir -p {FOLDER} && printf %s {shlex.quote(text)} > {new} && mv {new} {FOLDER}/metrics && "
        f"{{ systemctl is-active --quiet {UNIT} || {start}; }}"
    )
