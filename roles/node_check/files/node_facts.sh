# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# Run by the raw task of role node_check, before any module. POSIX sh; reads only; prints key=value lines.
# $interpreter is set by the role: what ansible_python_interpreter says, or nothing.

version() {
    "$1" -I -S -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null
}

printf 'os_name=%s\n' "$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | tr -d '"')"
printf 'harvester_version=%s\n' "$(sed -n 's/^harvester: *//p' /etc/harvester-release.yaml 2>/dev/null | tr -d '"')"

if [ -n "$interpreter" ]; then
    printf 'interpreter=%s %s\n' "$interpreter" "$(version "$interpreter")"
fi
for name in python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3; do
    path=$(command -v "$name" 2>/dev/null) || continue
    found=$(version "$path")
    [ -n "$found" ] || continue
    printf 'found=%s %s\n' "$path" "$found"
    break # newest first: an older one would not be chosen
done

# What kubelet reports of the node as well.
printf 'machine_id=%s\n' "$(cat /etc/machine-id 2>/dev/null)"
printf 'boot_id=%s\n' "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"

systemctl is-active --quiet NetworkManager.service 2>/dev/null && active=yes || active=no
printf 'networkmanager=%s\n' "$active"
systemctl is-active --quiet wickedd.service 2>/dev/null && wicked=yes || wicked=no
printf 'wicked=%s\n' "$wicked"
if [ "$active" = yes ]; then
    printf 'mgmt_state=%s\n' "$(LC_ALL=C nmcli -g GENERAL.STATE device show mgmt-br 2>/dev/null)"
fi

# Without NetworkManager module profile_info does not run, so that its links are read here.
if [ "$active" = no ] || [ "$wicked" = yes ]; then
    printf 'links=%s\n' "$(ip -j -d addr show 2>/dev/null | tr -d '\n')"
    printf 'vlans=%s\n' "$(bridge -j -compressvlans vlan show 2>/dev/null | tr -d '\n')"
fi

# One line of JSON: the file system that /etc/NetworkManager lies on.
printf 'findmnt=%s\n' "$(findmnt --json --target /etc/NetworkManager 2>/dev/null | tr -d '\n')"

# Profiles that only hold a secondary VLAN: a VLAN of mgmt-br under the device's name, no addresses of either family.
for keyfile in /etc/NetworkManager/system-connections/mgmt-br.*.nmconnection; do
    [ -f "$keyfile" ] || continue
    name=${keyfile##*/}
    name=${name%.nmconnection}
    if grep -qx "id=$name" "$keyfile" && grep -qx 'type=vlan' "$keyfile" && grep -qx 'parent=mgmt-br' "$keyfile" &&
        [ "$(grep -cx 'method=disabled' "$keyfile")" = 2 ]; then
        printf 'holder=%s\n' "${name#mgmt-br.}"
    fi
done

# Where this session comes from. sudo passes it on to nobody, but has it itself.
pid=$$
client=
while [ "${pid:-0}" -gt 1 ] && [ -z "$client" ]; do
    client=$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CLIENT=\([^ ]*\).*/\1/p')
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
done
printf 'ssh_client=%s\n' "$client"
printf 'gateway=%s\n' "$([ -n "$client" ] && ip route get "$client" 2>/dev/null | sed -n 's/.* via \([^ ]*\) .*/\1/p')"

# The VLAN of the management network, 0 without one.
keyfile=/etc/NetworkManager/system-connections/vlan-mgmt.nmconnection
vid=$(sed -n '/^\[vlan\]/,/^\[/s/^id *= *\([0-9]*\) *$/\1/p' "$keyfile" 2>/dev/null)
printf 'vlan_id=%s\n' "${vid:-0}"
