# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Ansible loads it: documentation, action groups, playbooks, without a warning or a deprecation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]["node"]


def ansible(*argv: str, cwd: Path = ROOT) -> str:
    """Run a command of Ansible's; it must succeed and say nothing on standard error. Returns standard output."""
    env = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_DEPRECATION_WARNINGS": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    # ansible-doc -t role complains about a collection inside ansible-core itself
    complaints = [line for line in done.stderr.splitlines() if "/_protomatter'" not in line]
    assert complaints == []
    assert "[WARNING]" not in done.stdout
    assert "[DEPRECATION" not in done.stdout
    return done.stdout


@pytest.mark.parametrize("kind", ["module", "filter", "inventory", "role"])
def test_documentation_loads(kind: str) -> None:
    listed = json.loads(ansible("ansible-doc", "--json", "-t", kind, "-l", "harvester.network"))
    folder = {"module": "plugins/modules", "role": "roles"}.get(kind, "plugins/" + kind)
    there = {path.stem for path in (ROOT / folder).glob("*") if not path.name.startswith("_")}
    assert {name.removeprefix("harvester.network.") for name in listed} == there
    if listed:
        shown = json.loads(ansible("ansible-doc", "--json", "-t", kind, *listed))
        assert set(shown) == set(listed)


def test_module_defaults_of_the_action_groups(tmp_path: Path) -> None:
    """A default of the node group reaches a node module, which refuses an MTU by it."""
    profile = {"id": "vlan-x", "type": "vlan", "mtu": 2000, "vlan": {"id": 7, "parent": "eth0"}}
    play = {
        "hosts": "localhost",
        "connection": "local",
        "vars": {"ansible_python_interpreter": sys.executable},
        "gather_facts": False,
        "module_defaults": {"group/harvester.network.node": {"mtu_max": 1400}},
        "tasks": [
            {
                "name": "Render",
                "harvester.network.profiles": {"state": "rendered", "profiles": [profile]},
                "register": "found",
                "failed_when": "'1400' not in found.msg",
            }
        ],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    assert "failed=0" in ansible("ansible-playbook", "-i", "localhost,", "play.yml", cwd=tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_playbook_syntax(path: Path, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("harvester_nodes: {hosts: {node1: {}}}\n", encoding="utf-8")
    ansible("ansible-playbook", "-i", "hosts.yml", "--syntax-check", "harvester.network." + path.stem, cwd=tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_a_session_that_falls_silent_ends(path: Path) -> None:
    """Otherwise a run hangs with a node that has lost its power until TCP gives up, after a quarter of an hour."""
    for play in yaml.safe_load(path.read_text(encoding="utf-8")):
        given = play["vars"]["ansible_ssh_extra_args"].split("{{")
        assert given[0].split() == ["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"]
        assert given[1].split() == "hostvars[inventory_hostname].ansible_ssh_extra_args | default('') }}".split()
