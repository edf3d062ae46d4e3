# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's nodes as an Ansible inventory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .layout import GROUPS
from .node import OPTIONS, Node

ALL_NODES = "harvester_nodes"
WITNESSES = "harvester_witness"


def inventory_data(nodes: Sequence[Node]) -> dict[str, Any]:
    """Groups, hosts and connection variables, as the inventory plugin ``yaml`` reads them."""
    groups: dict[str, Any] = {}
    for group in GROUPS:
        hosts = {node.name: host_variables(node) for node in nodes if node.spec.group == group}
        if hosts:
            groups[group] = {"hosts": hosts}
    variables = {
        "ansible_user": "rancher",
        "ansible_become": True,
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_pipelining": True,
    }
    data: dict[str, Any] = {ALL_NODES: {"children": groups, "vars": variables}}
    witnesses: dict[str, Any] = {node.name: {} for node in nodes if node.witness}
    if witnesses:
        data[WITNESSES] = {"hosts": witnesses}
    return data


def host_variables(node: Node) -> dict[str, str]:
    """Variables of one host."""
    options = " ".join(f"-o {option}" for option in OPTIONS)
    return {
        "ansible_host": node.address,
        "ansible_ssh_private_key_file": str(node.image.identity),
        "ansible_ssh_common_args": f'-o ProxyCommand="{node.proxy_command}" {options}',
        "harvester_node_name": node.name,
    }


def inventory(nodes: Sequence[Node]) -> str:
    """The inventory as YAML text."""
    return "\n".join(["---", *_lines(inventory_data(nodes), 0)]) + "\n"


def _lines(value: dict[str, Any], depth: int) -> list[str]:
    """Block YAML of nested mappings; scalars as JSON, which is YAML too."""
    lines: list[str] = []
    for key, item in value.items():
        if isinstance(item, dict) and item:
            lines += [f"{'  ' * depth}{key}:", *_lines(item, depth + 1)]
        else:
            lines.append(f"{'  ' * depth}{key}: {json.dumps(item)}")
    return lines
