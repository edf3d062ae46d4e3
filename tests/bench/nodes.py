# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts on the nodes: over ssh as the inventory says, beside what is timed."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import BenchError, proofs, sets
from bench.sets import Target

SSH_TIMEOUT = 120

FREE_NICS = """
for path in /sys/class/net/*; do
  nic=${path##*/}
  [ -e "$path/device" ] && [ ! -e "$path/master" ] || continue
  ip -4 -br addr show dev "$nic" | grep -q / || echo "$nic"
done
"""

DELETE = """
known=$(nmcli -t -e no -f NAME connection show)
for id in {ids} $(echo "$known" | grep '^{prefix}'); do
  echo "$known" | grep -qxF "$id" && set -- "$@" id "$id"
done
[ $# -eq 0 ] || nmcli connection delete "$@" >/dev/null
cd /etc/NetworkManager/system-connections && rm -f {files} {prefix}*.nmconnection
for device in {devices}; do
  i=0; while [ -e /sys/class/net/$device ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
  [ ! -e /sys/class/net/$device ] || {{ echo "$device stays" >&2; exit 1; }}
done
"""

MANY = """
cd /etc/NetworkManager/system-connections || exit 1
umask 077
vlan={first}
while [ $vlan -lt {end} ]; do
  cat > {prefix}$vlan.nmconnection <<EOF
[connection]
id={prefix}$vlan
type=vlan
interface-name=bench.$vlan
autoconnect=false

[ethernet]
mtu=1500

[vlan]
id=$vlan
parent={parent}

[ipv4]
method=disabled

[ipv6]
method=disabled
EOF
  vlan=$((vlan+1))
done
nmcli connection load {prefix}*.nmconnection
"""

STATE = """
echo "ports $(cat /sys/class/net/{bond}/bonding/slaves 2>/dev/null | wc -w)"
for device in {bond} {bridge} {vlan}; do
  echo "$device $(cat /sys/class/net/$device/operstate 2>/dev/null || echo missing) \
$(cat /sys/class/net/$device/mtu 2>/dev/null)"
done
"""


class Nodes:
    """The nodes of an inventory. Raises BenchError when one cannot be reached or lacks two free NICs."""

    def __init__(self, inventory: Path, env: Mapping[str, str]) -> None:
        self.inventory = inventory
        listing = subprocess.run(
            ["ansible-inventory", "-i", inventory, "--list"], env=env, capture_output=True, text=True, check=False
        )
        if listing.returncode:
            raise BenchError("inventory %s: %s" % (inventory, listing.stderr.strip()))
        variables: dict[str, dict[str, Any]] = json.loads(listing.stdout)["_meta"]["hostvars"]
        if not variables:
            raise BenchError("inventory %s has no hosts" % inventory)
        self._ssh = {name: _ssh(name, found) for name, found in sorted(variables.items())}
        self.targets = self._targets()

    def run(self, scripts: Mapping[str, str]) -> dict[str, str]:
        """Run a script as root on each node named, all at once; returns what each wrote to standard output."""
        with ThreadPoolExecutor(len(scripts)) as pool:
            return dict(zip(scripts, pool.map(self._one, scripts, scripts.values()), strict=True))

    def ssh(self, name: str) -> list[str]:
        """The command that runs its standard input as root's shell on a node."""
        return list(self._ssh[name])

    def everywhere(self, script: str) -> dict[str, str]:
        return self.run(dict.fromkeys(self._ssh, script))

    def clean(self) -> None:
        """Take away every profile and device of the benchmark."""
        self.run({target.name: _delete(target) + proofs.delete() for target in self.targets})

    def prepare(self, before: str) -> None:
        """Bring the nodes to where a case begins; see Case.before."""
        if not before:
            return
        self.clean()
        kind, _colon, count = before.partition(":")
        if kind == "endpoints":
            self.run({self.targets[0].name: proofs.make(int(count))})
        if kind == "many":
            end = sets.MANY_FIRST_VLAN + int(count)
            self.run(
                {
                    target.name: MANY.format(
                        first=sets.MANY_FIRST_VLAN, end=end, prefix=sets.MANY_PREFIX, parent=target.nics[0]
                    )
                    for target in self.targets
                }
            )

    def state(self) -> dict[str, str]:
        """What the kernel shows of the five: ports of the bond, operstate and MTU of each device."""
        script = STATE.format(bond=sets.BOND, bridge=sets.BRIDGE, vlan="%s.%d" % (sets.BRIDGE, sets.VLAN_ID))
        return {name: "; ".join(text.split("\n")[:-1]) for name, text in self.everywhere(script).items()}

    def _targets(self) -> list[Target]:
        found = []
        for index, (name, text) in enumerate(self.everywhere(FREE_NICS).items(), start=1):
            nics = text.split()
            if len(nics) < 2:
                raise BenchError("%s has %d free NICs, the benchmark needs two; free some" % (name, len(nics)))
            found.append(Target(name, (nics[0], nics[1]), index))
        return found

    def _one(self, name: str, script: str) -> str:
        try:
            done = subprocess.run(
                self._ssh[name], input=script, capture_output=True, text=True, timeout=SSH_TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired:
            raise BenchError("%s: a script took more than %d s" % (name, SSH_TIMEOUT)) from None
        if done.returncode:
            raise BenchError("%s: script failed with exit status %d: %s" % (name, done.returncode, done.stderr.strip()))
        return done.stdout


def _ssh(name: str, variables: Mapping[str, Any]) -> list[str]:
    argv = ["ssh", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20"]
    for option in ("ansible_ssh_common_args", "ansible_ssh_extra_args"):
        argv += shlex.split(str(variables.get(option, "")))
    if variables.get("ansible_ssh_private_key_file"):
        argv += ["-i", str(variables["ansible_ssh_private_key_file"])]
    if variables.get("ansible_port"):
        argv += ["-p", str(variables["ansible_port"])]
    user = str(variables.get("ansible_user", "root"))
    argv.append("%s@%s" % (user, variables.get("ansible_host", name)))
    return argv + (["sh", "-s"] if user == "root" else ["sudo", "-n", "sh", "-s"])


def _delete(target: Target) -> str:
    names = sets.ids(target)
    devices: Sequence[str] = ("%s.%d" % (sets.BRIDGE, sets.VLAN_ID), sets.BRIDGE, sets.BOND)
    return DELETE.format(
        ids=" ".join(names),
        files=" ".join("%s.nmconnection" % name for name in names),
        prefix=sets.MANY_PREFIX,
        devices=" ".join(devices),
    )
