# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyfiles as Harvester's installer writes them, for tests."""

from __future__ import annotations

BOND = """[connection]
id=bond-mgmt
type=bond
interface-name=mgmt-bo
master=mgmt-br
slave-type=bridge

[ethernet]
mtu=1500

[bond]
miimon=100
mode=active-backup

[bridge-port]
vlans=1 pvid untagged,2017
"""

PORT = """[connection]
id=bond-slave-{nic}
type=ethernet
interface-name={nic}
master=mgmt-bo
slave-type=bond
"""

BRIDGE = """[connection]
id=bridge-mgmt
type=bridge
interface-name=mgmt-br

[ethernet]
mtu=1500

[bridge]
forward-delay=0
stp=false
vlan-filtering=true
vlan-default-pvid=1
vlans=2017

[ipv4]
method=disabled

[ipv6]
method=disabled
"""

VLAN = """[connection]
id=vlan-mgmt
type=vlan

[ethernet]
mtu=1500

[vlan]
flags=1
id=2017
parent=mgmt-br

[ipv4]
dns=10.217.0.1;
method=manual
address1=10.217.0.11/24,10.217.0.1

[ipv6]
method=disabled
"""

FIVE = {
    "bond-mgmt": BOND,
    "bond-slave-eno1": PORT.format(nic="eno1"),
    "bond-slave-eno2": PORT.format(nic="eno2"),
    "bridge-mgmt": BRIDGE,
    "vlan-mgmt": VLAN,
}
