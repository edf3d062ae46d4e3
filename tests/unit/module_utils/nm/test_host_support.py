# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that are refused before anything is touched."""

from __future__ import annotations

import json

import pytest

from ansible_collections.harvester.network.plugins.module_utils.nm._host_support import (
    HostFacts,
    persistent,
    refusals,
    version,
)


def findmnt(fstype, options="rw,relatime", target="/etc/NetworkManager"):
    source = "/dev/sda5[/.state/etc-NetworkManager.bind]"
    return json.dumps({"filesystems": [{"target": target, "source": source, "fstype": fstype, "options": options}]})


GOOD = {
    "node": "node1",
    "os_name": "Harvester v1.8.0",
    "harvester_version": "v1.8.0",
    "python": "3.13.0",
    "networkmanager": True,
    "wicked": False,
    "mgmt_state": "100 (connected)",
    "findmnt": findmnt("ext4"),
}
WICKED = (
    "the management network of Harvester 1.6 and older belongs to wicked, whose files are made anew from "
    "/oem/90_custom.yaml at every boot; this collection changes NetworkManager profiles only; "
    "upgrade to Harvester 1.7 or later; until then edit /oem/90_custom.yaml as the manual of your release says"
)
PYTHON = (
    "name one with ansible_python_interpreter (a Python below /usr/local or /opt/ survives a boot of Harvester), "
    "or upgrade Harvester"
)
PERSISTENCE = (
    "from Harvester 1.7 on it is a persistent path, which an upgrade from 1.6 may have missed: see "
    "PERSISTENT_STATE_PATHS in the node's boot configuration, reboot, and run again"
)


def told(**other):
    return [str(problem) for problem in refusals(HostFacts(**dict(GOOD, **other)))]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"harvester_version": None},
        {"harvester_version": None, "os_name": None},
        {"harvester_version": "v1.9.0-rc6"},
        {"harvester_version": "v1.7.0"},
        {"harvester_version": "v1.10.0"},
        {"harvester_version": "master-1234abcd-head"},
        # A lab node.
        {"harvester_version": None, "os_name": "Debian GNU/Linux 13 (trixie)", "findmnt": findmnt("ext4", target="/")},
        # Left over from before the upgrade; NetworkManager is in charge.
        {"wicked": True},
        {"python": "3.9.0"},
        {"mgmt_state": "90 (connecting)"},
        {"findmnt": findmnt("btrfs", "rw")},
    ],
)
def test_nothing_against_it(other):
    assert told(**other) == []


def test_nothing_known_is_nothing_refused():
    assert refusals(HostFacts()) == []


@pytest.mark.parametrize(
    ("other", "messages"),
    [
        ({"harvester_version": "v1.6.1"}, ["node 'node1': harvester=1.6: " + WICKED]),
        (
            {"harvester_version": "1.5.2", "python": "3.6.15", "networkmanager": False, "wicked": True, "findmnt": ""},
            ["node 'node1': harvester=1.5: " + WICKED],
        ),
        ({"harvester_version": None, "os_name": "Harvester v1.6.0-rc1"}, ["node 'node1': harvester=1.6: " + WICKED]),
        (
            {"harvester_version": None, "os_name": "SUSE Linux Enterprise Micro 5.5"},
            ["node 'node1': os=SUSE Linux Enterprise Micro 5.5: " + WICKED],
        ),
        (
            {"harvester_version": None, "os_name": None, "wicked": True, "networkmanager": False},
            ["node 'node1': wicked=running: " + WICKED],
        ),
        ({"node": "", "harvester_version": "v1.4.3"}, ["this node: harvester=1.4: " + WICKED]),
        (
            {"python": "3.6.15"},
            ["node 'node1': python=3.6.15: too old; modules need Python 3.9 or later; " + PYTHON],
        ),
        ({"python": "2.7.18"}, ["node 'node1': python=2.7.18: too old; modules need Python 3.9 or later; " + PYTHON]),
        ({"python": "what"}, ["node 'node1': python=what: too old; modules need Python 3.9 or later; " + PYTHON]),
        ({"python": ""}, ["node 'node1': python: no python3 was found; modules need 3.9 or later; " + PYTHON]),
        (
            {"networkmanager": False},
            [
                (
                    "node 'node1': NetworkManager=not running: the profiles of the management network would not be "
                    "applied; start it ('systemctl status NetworkManager' says why it is down) and run again"
                )
            ],
        ),
        (
            {"mgmt_state": ""},
            [
                (
                    "node 'node1': mgmt-br: NetworkManager knows no such device, so this is no Harvester node with its "
                    "usual management network; limit the run to Harvester nodes"
                )
            ],
        ),
        (
            {"mgmt_state": "100 (connected (externally))"},
            [
                (
                    "node 'node1': mgmt-br=100 (connected (externally)): NetworkManager does not own the management "
                    "network; see which program does ('nmcli device show mgmt-br'), and give it back to NetworkManager"
                )
            ],
        ),
        (
            {"mgmt_state": "10 (unmanaged)"},
            [
                (
                    "node 'node1': mgmt-br=10 (unmanaged): NetworkManager does not own the management "
                    "network; see which program does ('nmcli device show mgmt-br'), and give it back to NetworkManager"
                )
            ],
        ),
        (
            {"findmnt": findmnt("overlay", target="/etc")},
            [
                "node 'node1': /etc/NetworkManager: it lies on overlay, mounted at /etc, whose changes are "
                "gone after a boot; changed profiles would be lost at the next boot; " + PERSISTENCE
            ],
        ),
        (
            {"findmnt": findmnt("ext4", "ro,relatime", "/")},
            [
                "node 'node1': /etc/NetworkManager: it lies on ext4, mounted at / read-only; "
                "changed profiles would be lost at the next boot; " + PERSISTENCE
            ],
        ),
        (
            {"findmnt": ""},
            ["node 'node1': /etc/NetworkManager: findmnt does not say on which file system it lies; " + PERSISTENCE],
        ),
    ],
)
def test_refused(other, messages):
    assert told(**other) == messages


def test_all_reasons_at_once():
    found = told(python="3.6.15", networkmanager=False, findmnt=findmnt("tmpfs"))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("v1.8.0", (1, 8)),
        ("1.10.2", (1, 10)),
        ("Harvester v1.7.0-rc3", (1, 7)),
        ("v1.9-head", (1, 9)),
        ("3.13.0+", (3, 13)),
        ("master-head", None),
        ("", None),
        (None, None),
        ("dev1.2", None),
    ],
)
def test_version(text, number):
    assert version(text) == number


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"filesystems": []}', '{"filesystems": [{}]}', "garbage"])
def test_findmnt_that_says_nothing(text):
    assert persistent(text)[0] is None


def test_the_last_of_stacked_mounts_counts():
    mounts = {"filesystems": [{"target": "/", "fstype": "overlay"}, {"target": "/etc/NetworkManager", "fstype": "xfs"}]}
    assert persistent(json.dumps(mounts)) == (True, "it lies on xfs, mounted at /etc/NetworkManager")


def test_from_the_lines_of_a_script():
    lines = dict(GOOD, networkmanager="yes", wicked="no", other="passed over", python=None)
    assert HostFacts.from_mapping(lines) == HostFacts(**dict(GOOD, python=None))
