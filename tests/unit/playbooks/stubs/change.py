# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change: a change of one phase, whose before-image is noted, and the Lease.

The cluster's file says whether somebody else has the Lease.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups namespace state runbook runner bound inputs phases id phase before takeover copy_dir notes why"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    state, runner = module.params["state"] or "open", module.params["runner"]
    with (folder / "calls").open("a") as stream:
        stream.write("cluster %s%s\n" % (state, " " + runner if runner else ""))
    held = json.loads((folder / "cluster.json").read_text()).get("held")
    if state == "leased" and held:
        module.fail_json(msg="the network is being changed by '%s'" % held)
    change = None
    if state not in ("leased", "unleased"):
        change = {"id": "change-1", "runbook": module.params["runbook"] or "reboot"}
    if state == "started":
        (folder / "before.json").write_text(json.dumps(module.params["before"]))
    image = folder / "before.json"
    begun = [{"id": "vms", "role": "harvester.network.vms"}] if image.exists() else []
    phase = None
    if begun and state == "held":
        phase = {"state": "started", "input": {"state": "stopped"}, "before": json.loads(image.read_text()), **begun[0]}
    if change and begun:
        times = {"bound": 60, "state": "undone", "started": "", "ended": ""}
        change.update(state="rolled-back", phases=[{**begun[0], **times}])
    found = {"resumed": state == "back", "rollback": begun if state == "back" else [], "phase": phase}
    module.exit_json(changed=False, change=change, runner=runner or "r1", **found)


if __name__ == "__main__":
    main()
