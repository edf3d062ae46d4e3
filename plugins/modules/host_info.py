#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight wants to know of a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Read a node's identity, NICs and ARP settings
version_added: "0.1.0"
description:
  - Reads what speaks for or against a change of the network, and is in no profile. Which machine this is, what its NICs
    are and can carry, and how its devices answer ARP requests.
  - Starts one process, C(ip).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
options:
  devices:
    description:
      - Devices whose ARP settings are read. Those that do not exist are left out.
      - By default the devices of the management network and of cluster networks, every C(<name>-bo), C(<name>-br) and
        C(<name>-br.<id>).
    type: list
    elements: str
seealso:
  - module: harvester.network.profile_info
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Look at the node
  harvester.network.host_info:
  register: host

- name: Go on only with devices that answer ARP for all their addresses
  ansible.builtin.assert:
    that: host.arp_ignore | selectattr('effective', 'ge', 2) | length == 0
"""

RETURN = r"""
machine_id:
  description: Machine id, as the kubelet reports it in C(status.nodeInfo.machineID).
  returned: success
  type: str
  sample: 00000000000000000000000000abc001
boot_id:
  description: The kernel's boot id, as in C(status.nodeInfo.bootID); another one after every boot.
  returned: success
  type: str
  sample: 1f6c3ad4-3ad0-4f0e-9a6c-4b9b0d8f5a11
kernel:
  description: Version of the kernel.
  returned: success
  type: str
  sample: 6.12.0-1-default
nics:
  description: Network devices with hardware behind them, by name. Every key is always there, null for not known.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: NIC.
      type: str
      returned: always
    driver:
      description: Its kernel module.
      type: str
      returned: always
    bus:
      description: Its address on the bus.
      type: str
      returned: always
    mac:
      description: MAC address in use.
      type: str
      returned: always
    permanent_mac:
      description: MAC address of the hardware.
      type: str
      returned: always
    operstate:
      description: Operational state in lower case.
      type: str
      returned: always
    carrier:
      description: Whether there is link; null while the NIC is down.
      type: bool
      returned: always
    speed:
      description: Speed in Mb/s; null without link, and when the driver does not say.
      type: int
      returned: always
    duplex:
      description: V(full) or V(half); null as for RV(nics[].speed).
      type: str
      returned: always
    mtu:
      description: MTU in bytes.
      type: int
      returned: always
    max_mtu:
      description: Largest MTU that the driver takes, in bytes; null when it names none.
      type: int
      returned: always
    controller:
      description: Bond or bridge that it is a port of.
      type: str
      returned: always
    virtual_functions:
      description: How many virtual functions it has.
      type: int
      returned: always
    physical_function:
      description: The NIC that this virtual function belongs to.
      type: str
      returned: always
  sample:
    - name: eno1
      driver: ixgbe
      bus: "0000:3b:00.0"
      mac: "52:54:00:0a:01:01"
      permanent_mac: "52:54:00:0a:01:01"
      operstate: up
      carrier: true
      speed: 10000
      duplex: full
      mtu: 1500
      max_mtu: 9710
      controller: mgmt-bo
      virtual_functions: 0
      physical_function: null
arp_ignore:
  description:
    - The sysctl C(net.ipv4.conf.<device>.arp_ignore) of each device.
    - With 2 or more a device does not answer ARP requests from another subnet, which breaks the host's networking.
  returned: success
  type: list
  elements: dict
  contains:
    device:
      description: Device.
      type: str
      returned: always
    own:
      description: Value of the device.
      type: int
      returned: always
    all:
      description: Value for all devices.
      type: int
      returned: always
    effective:
      description: The larger of the two, which counts.
      type: int
      returned: always
    set_by:
      description: Lines of files that set one of them, or the default of devices made later, to another value than 0.
      type: list
      elements: dict
      returned: always
      contains:
        path:
          description: File.
          type: str
          returned: always
        line:
          description: Number of the line.
          type: int
          returned: always
        key:
          description: Key, with slashes.
          type: str
          returned: always
        value:
          description: Value.
          type: str
          returned: always
  sample:
    - device: mgmt-br
      own: 0
      all: 2
      effective: 2
      set_by:
        - {path: /etc/sysctl.d/90-lb.conf, line: 3, key: net/ipv4/conf/all/arp_ignore, value: "2"}
"""

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.host import _report

ARGUMENT_SPEC = {"devices": {"type": "list", "elements": "str"}}


def main() -> None:
    module = CommandModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        found = _report.report(module.run, module.params["devices"])
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
