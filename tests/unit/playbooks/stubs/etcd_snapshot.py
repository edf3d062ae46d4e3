# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module etcd_snapshot: nowhere can one be taken."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    names = ("state", "name", "timeout", "wait_timeout")
    spec = {name: {"type": "raw", "no_log": False} for name in names}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    module.exit_json(changed=False, possible=False, reason="no member of etcd runs here", snapshot="")


if __name__ == "__main__":
    main()
