# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the shell program that puts devices back. A fixed text; this module util is private to the collection.

See _program.py for the whole. Each function takes the words of a line of the manifest; see _manifest.py.
"""

from __future__ import annotations

DEVICES = r"""# --- devices

controller_of() {
    controller=$(readlink "$net/$1/master") || return 0
    echo "${controller##*/}"
}

# Whether NetworkManager is bringing a device up by itself: a second activation would take a bond's ports away.
comes_up() {
    looks=0 limit=3
    while [ "$looks" -lt "$limit" ]; do
        now=$(nmcli -g GENERAL.STATE device show "$1" 2>/dev/null)
        case ${now%% *} in
        100) [ "$over" = - ] || [ "$(controller_of "$1")" = "$over" ] && return ;;
        [4-9]0) limit=60 ;;
        esac
        looks=$((looks + 1))
        sleep 1
    done
    return 1
}

bring_up() {
    wanted_device=$1
    lines up bring_up_if
}

bring_up_if() {
    read -r dev over id <<END
$1
END
    [ "$dev" = "$wanted_device" ] || return
    remade="$remade$dev "
    if [ -z "$activate" ] && comes_up "$dev"; then
        report done "$dev came up by profile $id"
        return
    fi
    try "$dev brought up by profile $id" nmcli -w 60 connection up id "$id"
}

up() {
    read -r dev over id <<END
$1
END
    device "$dev" || return
    if [ ! -e "$net/$dev" ]; then
        bring_up "$dev"
    elif [ "$over" != - ] && [ "$(controller_of "$dev")" != "$over" ]; then
        bring_up "$dev"
    fi
}

not_there_before() {
    device "$1" && [ -e "$net/$1" ] || return
    # It goes with its profile; only what stays is removed here.
    sleep 1
    [ ! -e "$net/$1" ] || must "$1 removed, it was not there before" ip link delete dev "$1"
}

bond_is() {
    have=
    [ ! -f "$net/$1/bonding/$2" ] || read -r have <"$net/$1/bonding/$2"
    [ "${have:--}" = "$3" ]
}

bond() {
    read -r dev option value <<END
$1
END
    device "$dev" && [ -d "$net/$dev/bonding" ] || return
    bond_is "$dev" "$option" "$value" && return
    first=${value%% *}
    [ "$first" != - ] || first=
    case $option in
    mode | arp_ip_target) ;;
    *) echo "$first" 2>/dev/null >"$net/$dev/bonding/$option" ;;
    esac
    if bond_is "$dev" "$option" "$value"; then
        report done "$dev: bond option $option put back to $value"
    else
        case " $activate " in
        *" $dev "*) ;;
        *) activate="$activate $dev" ;;
        esac
    fi
}

bonds() {
    activate=
    lines bond bond
    for dev in $activate; do
        bring_up "$dev"
    done
    activate=
}

# --- addresses

# Through NetworkManager and with its flag 1, which leaves alone what others gave the device.
reapply() {
    path=$(busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
        org.freedesktop.NetworkManager GetDeviceByIpIface s "$1" 2>/dev/null)
    path=${path#*\"}
    try "$1: addresses put back" busctl call org.freedesktop.NetworkManager "${path%\"*}" \
        org.freedesktop.NetworkManager.Device Reapply 'a{sa{sv}}tu' 0 0 1 || bring_up "$1"
}

has_address() {
    read -r dev cidr <<END
$1
END
    [ "$dev" = "$asked" ] || return
    case "$addresses" in
    *" $cidr "*) ;;
    *) lacking="$lacking $cidr" ;;
    esac
}

has_lease() {
    [ "$1" = "$asked" ] || return
    case "$addresses" in
    # Not any address of global scope: a VIP is one.
    *" dynamic "*) ;;
    *) lacking="$lacking lease" ;;
    esac
}

# Sets lacking to the addresses that a device had and has no more.
look_at_addresses() {
    asked=$1 lacking=
    addresses=$(ip -o addr show dev "$1" 2>/dev/null)
    lines address has_address
    lines lease has_lease
}

addressed() {
    read -r dev name <<END
$1
END
    device "$dev" && [ -e "$net/$dev" ] || return
    asked_for=
    case "$nl$readdress" in
    *"$nl$name$nl"*) asked_for=1 ;;
    esac
    # This reads other lines: $dev is of the last one afterwards.
    look_at_addresses "$dev"
    [ -z "$asked_for$lacking" ] || reapply "$asked"
}

# --- MTU, MAC

mtu_of() {
    mtu=
    [ ! -f "$net/$1/mtu" ] || read -r mtu <"$net/$1/mtu"
}

lower() {
    dev=${1%% *} wanted=${1##* }
    mtu_of "$dev"
    [ -z "$mtu" ] || [ "$mtu" -le "$wanted" ] || try "$dev: MTU $mtu to $wanted" ip link set dev "$dev" mtu "$wanted"
}

raise() {
    dev=${1%% *} wanted=${1##* }
    mtu_of "$dev"
    [ -z "$mtu" ] || [ "$mtu" -ge "$wanted" ] || try "$dev: MTU $mtu to $wanted" ip link set dev "$dev" mtu "$wanted"
}

# What lies on a device followed its MTU down, and does not follow it up.
regain() {
    device "${1%% *}" && raise "$1"
}

mac() {
    dev=${1%% *} wanted=${1##* } now=
    [ ! -f "$net/$dev/address" ] || read -r now <"$net/$dev/address"
    [ -z "$now" ] || [ "$now" = "$wanted" ] || must "$dev: MAC $now to $wanted" ip link set dev "$dev" address "$wanted"
}

# --- bridge ports and VLAN ids

port() {
    read -r dev over default <<END
$1
END
    device "$dev" && [ -e "$net/$dev" ] && [ -e "$net/$over" ] && [ -z "$(controller_of "$dev")" ] || return
    must "$dev: a port of $over again" ip link set dev "$dev" master "$over" || return
    [ "$default" = - ] || bridge vlan del vid "$default" dev "$dev" 2>/dev/null
}

# The VLAN ids of a device with p for pvid and u for untagged, each between blanks.
table_of() {
    table=" $(bridge vlan show dev "$1" 2>/dev/null | while read -r first rest; do
        [ "$first" != "$1" ] || read -r first rest <<END
$rest
END
        case $first in
        [0-9]*) ;;
        *) continue ;;
        esac
        flags=
        case " $rest " in *" PVID "*) flags=p ;; esac
        case " $rest " in *" Untagged "*) flags=${flags}u ;; esac
        echo "$first$flags"
    done | tr '\n' ' ')"
}

# Sets missing when one of the ids first-last is not in the table as it was.
span_is_there() {
    vid=${1%%-*} last=${1##*-} missing=
    while [ "$vid" -le "$last" ]; do
        case "$table" in
        *" $vid$2 "*) ;;
        *) missing=$vid && return ;;
        esac
        vid=$((vid + 1))
    done
}

read_vlan() {
    read -r dev where span words <<END
$1
END
    [ "$where" = self ] || where=
    flags=
    case " $words " in *" pvid "*) flags=p ;; esac
    case " $words " in *" untagged "*) flags=${flags}u ;; esac
    device "$dev" && [ -e "$net/$dev" ] || return
    [ -n "$where" ] || [ -n "$(controller_of "$dev")" ] || return
    [ "$dev" = "$table_device" ] || table_of "$dev"
    table_device=$dev
    span_is_there "$span" "$flags"
}

vlan() {
    read_vlan "$1" || return
    [ -z "$missing" ] || try "$dev: VLAN id $span added" bridge vlan add vid "$span" dev "$dev" $where $words
}

novlan() {
    read_vlan "$1" || return
    vid=${span%%-*} last=${span##*-}
    while [ "$vid" -le "$last" ]; do
        case "$table" in
        *" $vid "*) must "$dev: VLAN id $vid removed" bridge vlan del vid "$vid" dev "$dev" $where ;;
        esac
        vid=$((vid + 1))
    done
}

route() {
    ip $1 2>/dev/null && report done "route put back: ${1#* route add }"
}

"""
