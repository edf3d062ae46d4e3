#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU of devices that no profile owns."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_mtu
short_description: Set the MTU of devices that no profile owns
version_added: "0.1.0"
description:
  - Sets MTUs in the kernel, of devices that others than NetworkManager make and never resize, as C(flannel.1) and the
    VLAN devices of host network configurations. Nothing else of the device is touched, and nothing is stored.
  - After a boot their makers take the MTU from the device below, so it is the same once that has been changed with
    M(harvester.network.profiles).
  - Reads the kernel back. A device that is not there is refused before any is changed.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
options:
  links:
    description: The devices.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Device.
        type: str
        required: true
      mtu:
        description: MTU in bytes, 526 to 9000. The kernel takes no more than the device below has.
        type: int
        required: true
seealso:
  - module: harvester.network.profiles
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Let the pod network use jumbo frames
  harvester.network.link_mtu:
    links:
      - name: flannel.1
        mtu: 8950
"""

RETURN = r"""
links:
  description: The devices, in the order of O(links).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Device.
      type: str
      returned: always
    before:
      description: MTU before, in bytes.
      type: int
      returned: always
    after:
      description: MTU after, in bytes; in check mode as it would be.
      type: int
      returned: always
  sample:
    - {name: flannel.1, before: 1450, after: 8950}
"""

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.host import _link_mtu

LINK_ARGSPEC = {"name": {"type": "str", "required": True}, "mtu": {"type": "int", "required": True}}
ARGUMENT_SPEC = {"links": {"type": "list", "elements": "dict", "required": True, "options": LINK_ARGSPEC}}


def main() -> None:
    module = CommandModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        links = _link_mtu.plan(module.params["links"])
        if not module.check_mode:
            _link_mtu.apply(links, module.run)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    texts = {
        word: "".join("%s: MTU %d\n" % (link["name"], link[word]) for link in links) for word in ("before", "after")
    }
    module.exit_json(changed=texts["before"] != texts["after"], links=links, diff=texts)


if __name__ == "__main__":
    main()
