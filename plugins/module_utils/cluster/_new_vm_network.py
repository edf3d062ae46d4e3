# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which MTU Harvester gives a new VM network, by a creation that is a dry run. This module util is private to the
collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..common import _mtu
from ..common._errors import Problem, ValidationError
from ._api_errors import Refused
from ._client import Client
from ._kinds import BY_KEY, title
from ._nad import Nad
from ._snapshot import Snapshot
from .wanted._vm_network import UNTAGGED, wanted

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "cluster_network": {"type": "str", "required": True},
    "namespace": {"type": "str", "default": "default"},
    # bytes
    "mtu": {"type": "int"},
}

NAME = "harvester-network-dry-run"
"""Of the VM network that is tried."""


def ask(client: Client, params: Mapping[str, Any]) -> int:
    """The MTU in bytes. params: the parsed options; an mtu among them is expected.

    An untagged network is tried, since no VLAN id of somebody else can speak against it. Raises ApiError, and
    ValidationError where Harvester refuses the network or gives it another MTU.
    """
    network, namespace = params["cluster_network"], params["namespace"]
    given = {"namespace": namespace, "name": NAME, "cluster_network": network, "type": UNTAGGED}
    where = title("nads", namespace, NAME)
    step = "see annotation uplink-mtu of cluster network %s, and the pods of harvester-network-webhook in" % network
    step += " harvester-system"
    tried = "a new one on cluster network %s, tried as a dry run:" % network
    try:
        made = client.create(BY_KEY["nads"], wanted(Snapshot.read({}), given), dry_run=True)
    except Refused as error:
        raise ValidationError([Problem(where, "", None, "%s %s" % (tried, error), step)]) from error
    mtu = _mtu.effective(Nad.read(made).mtu)
    if params.get("mtu") is not None and not _mtu.equal(mtu, params["mtu"]):
        rule = "%s it would get MTU %d, and not %d" % (tried, mtu, _mtu.effective(params["mtu"]))
        raise ValidationError([Problem(where, "", None, rule, step)])
    return mtu
