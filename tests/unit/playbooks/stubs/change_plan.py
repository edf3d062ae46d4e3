# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change_plan: a line per phase, and what it would be without effects."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.harvester.network.plugins.module_utils.change._effects import EFFECTS

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups phases window_end session gitops_paused"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    phases = module.params["phases"]
    lines = ["%s: %s" % (phase["id"], phase.get("steps")) for phase in phases]
    planned, seconds = [], 0
    for phase in phases:
        begins, seconds = seconds, seconds + int(phase["bound"])
        effects = {field: [] for field, _words in EFFECTS}
        planned.append(
            {"id": phase["id"], "role": phase["role"], "begins": begins, "ends": seconds, "objects": [], **effects}
        )
    module.exit_json(changed=False, lines=lines, phases=planned, seconds=seconds)


if __name__ == "__main__":
    main()
