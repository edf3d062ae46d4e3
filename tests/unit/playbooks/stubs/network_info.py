# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module network_info: the cluster that the test wrote down, and with which kubeconfig it was asked."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups api_retry_timeout"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(
        argument_spec={
            **spec,
            **{name: {"type": "list", "elements": "str"} for name in ("gather", "cluster_networks")},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_CLUSTER"])
    with (folder / "calls").open("a") as stream:
        stream.write("cluster info %s\n" % module.params["kubeconfig"])
    module.exit_json(changed=False, **json.loads((folder / "cluster.json").read_text()))


if __name__ == "__main__":
    main()
