# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module storage_network_info: no phases, so that the playbook goes on with the role as it is."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

NAMES = (
    "kubeconfig state cluster_network vlan_id range exclude exclusive_vlan settings recorded stop_vms vms options"
    " namespace"
)


def main() -> None:
    module = AnsibleModule(argument_spec={name: {"type": "raw"} for name in NAMES.split()}, supports_check_mode=True)
    module.exit_json(changed=False, change="", phases=[], vms=[])


if __name__ == "__main__":
    main()
