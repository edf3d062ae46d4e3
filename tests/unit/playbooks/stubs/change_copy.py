# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change_copy: there is nothing to keep, and only what a test has put there is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in ("state", "id", "phase", "folder")}
    kept = Path(os.environ["STUB_CLUSTER"]) / "kept.json"
    changes = json.loads(kept.read_text()) if kept.exists() else []
    AnsibleModule(argument_spec=spec, supports_check_mode=True).exit_json(changed=False, reason="", changes=changes)


if __name__ == "__main__":
    main()
