# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change_info: the changes that the cluster's file names as open, and the one of module change."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.harvester.network.plugins.module_utils.change import _record, _texts

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups namespace state id full"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    cluster = json.loads((folder / "cluster.json").read_text())
    found = [{"id": name, "runbook": name.partition("-")[2]} for name in cluster.get("open_changes", [])]
    file = folder / "record.json"
    if file.exists():
        record = _record.read(json.loads(file.read_text()), "the file")
        if module.params["state"] in (None, record.state):
            found = [{**_texts.compact(record), "phases": [dataclasses.asdict(phase) for phase in record.phases]}]
    module.exit_json(changed=False, changes=found)


if __name__ == "__main__":
    main()
