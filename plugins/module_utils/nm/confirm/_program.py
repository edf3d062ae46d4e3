# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell program that puts a node back. A fixed text; this module util is private to the collection.

It needs neither Python nor the collection: systemd runs it when the window ends, and after a boot, whoever is alive. It
may be stopped anywhere, power loss included, and goes on where it was when it is started again.
"""

from __future__ import annotations

from ._program_devices import DEVICES

HEAD = r"""#!/bin/sh
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Undoes a change of this node's network that nobody confirmed: of the Ansible collection harvester.network.
# Arguments: the folder of the checkpoint, and for tests a root folder. The folder holds
#   state      arming, armed, restoring, restored or confirmed
#   manifest   what there was, a line for each thing; files/<n> are the copies of profiles
#   report     written here: a line 'done ...' or 'failed ...' for each thing
# Files come first, then devices that are gone, bond options, addresses, MTUs, VLAN ids: the gentle order. A device that
# is there and as it was is not touched. Nothing is ever taken down.
set -u
set -f
umask 077
LC_ALL=C
root=${2-}
PATH=${root:+$root/usr/bin:}/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

folder=$1
connections=$root/etc/NetworkManager/system-connections
units=$root/etc/systemd/system
net=$root/sys/class/net
unit=harvester-network-confirm
live=harvester-network-live.service
remade=
readdress=
activate=
faults=
resumed=
nl='
'

report() {
    echo "$1 $2"
    echo "$1 $2" >>"$folder/report"
}

# A command with its own words as the text: try <text> <command...>. One that fails is told in the journal only: another
# way may be left, and in the end the devices are looked at.
try() {
    what=$1
    shift
    if said=$("$@" 2>&1 </dev/null); then
        report done "$what"
    else
        said=$(echo $said)
        echo "not done: $what: $said"
        return 1
    fi
}

# The same for what no look finds.
must() {
    try "$@" || {
        faults="$faults$what: $said$nl"
        return 1
    }
}

put_state() {
    echo "$1" >"$folder/state.new" && sync "$folder/state.new" && mv -f "$folder/state.new" "$folder/state" &&
        sync "$folder"
}

state_of() {
    state=
    [ ! -f "$folder/state" ] || read -r state <"$folder/state"
}

# Calls a function with the words of every line of a kind.
lines() {
    while read -r kind words <&3; do
        [ "$kind" != "$1" ] || "$2" "$words"
    done 3<"$folder/manifest"
}

device() {
    case $1 in
    '' | . | .. | -* | *[!A-Za-z0-9_.@:-]*) return 1 ;;
    esac
}

drop_units() {
    # A timer that runs while its file vanishes fails, and stays in the lists.
    systemctl --no-block stop "$unit.timer"
    rm -f "$units/multi-user.target.wants/$unit.timer" "$units/$unit.timer" "$units/$unit.service"
    sync "$units/multi-user.target.wants" "$units"
    # Once this service has ended: without its file it would have systemd's own bound, and may have passed that.
    systemd-run --quiet --collect --no-block --property="After=$unit.service" systemctl daemon-reload ||
        systemctl --no-block daemon-reload
    systemctl reset-failed "$unit.timer" 2>/dev/null || :
}

# --- files

sum_of() {
    sum=$(sha256sum "$1" 2>/dev/null) || return 1
    echo "${sum%% *}"
}

name_is_plain() {
    case $1 in
    '' | .* | */* | *'~') return 1 ;;
    esac
}

ip_sections() {
    section=
    [ ! -f "$1" ] || while read -r line; do
        case $line in
        '['*) section=$line ;;
        esac
        case $section in
        '[ipv4]' | '[ipv6]') echo "$line" ;;
        esac
    done <"$1"
}

# A profile with the wrong label is better than none.
label() {
    [ "$1" = - ] || chcon "$1" "$2" 2>/dev/null || report failed "profile file $name: SELinux context $1 is not set"
}

put_file() {
    read -r copy uid gid mode context wanted name <<END
$1
END
    case $copy$uid$gid$mode in
    *[!0-9]*) name= ;;
    esac
    if ! name_is_plain "$name"; then
        report failed "no line of a checkpoint: file $1"
        return
    fi
    source=$folder/files/$copy target=$connections/$name temporary=$connections/.$name.harvester-network
    rm -f "$temporary"
    if [ "$(sum_of "$source")" != "$wanted" ]; then
        report failed "$name: its copy is damaged"
        return
    fi
    if [ "$(sum_of "$target")" = "$wanted" ] && [ "$(stat -c '%u %g %a' "$target")" = "$uid $gid $mode" ]; then
        # What NetworkManager made of it before this program was stopped is not known.
        [ -z "$resumed" ] || { touched="$touched$name$nl" readdress="$readdress$name$nl"; }
        return
    fi
    [ "$(ip_sections "$target")" = "$(ip_sections "$source")" ] || readdress="$readdress$name$nl"
    if cp "$source" "$temporary" && chown "$uid:$gid" "$temporary" && chmod "$mode" "$temporary" &&
        label "$context" "$temporary" && sync "$temporary" && mv -f "$temporary" "$target"; then
        report done "profile file $name put back"
        touched="$touched$name$nl"
    else
        report failed "profile file $name could not be put back"
    fi
}

remove_file() {
    if ! name_is_plain "$1"; then
        report failed "no line of a checkpoint: absent $1"
        return
    fi
    rm -f "$connections/.$1.harvester-network"
    if [ -e "$connections/$1" ]; then
        rm -f "$connections/$1" && report done "profile file $1 removed, it was not there before"
        touched="$touched$1$nl"
    elif [ -n "$resumed" ]; then
        touched="$touched$1$nl"
    fi
}

files() {
    touched=
    lines file put_file
    lines absent remove_file
    sync "$connections"
}

wait_for_manager() {
    i=0
    until [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; do
        i=$((i + 1))
        [ "$i" != 30 ] || try "NetworkManager started" systemctl start NetworkManager.service
        if [ "$i" -ge 60 ]; then
            report failed "NetworkManager does not run; it takes the profiles at its next start"
            return 1
        fi
        sleep 1
    done
}

load() {
    set --
    rest=$touched
    while [ -n "$rest" ]; do
        set -- "$@" "$connections/${rest%%"$nl"*}"
        rest=${rest#*"$nl"}
    done
    [ $# = 0 ] && return
    try "profiles loaded" nmcli connection load "$@" || try "all profiles read again" nmcli connection reload ||
        report failed "profiles are not loaded: $said"
}

"""

WHOLE = r"""# --- the whole

devices() {
    lines up up
    bonds
    lines addressed addressed
    lines lower lower
    lines raise raise
    ! same_boot || lines over regain
    lines mac mac
    same_boot && lines port port
    table_device=
    lines vlan vlan
    table_device=
    lines novlan novlan
    lines gone not_there_before
    # Only what went away with a device: a route that somebody else took back meanwhile is theirs.
    [ -z "$remade" ] || ! same_boot || lines route route
}

same_boot() {
    now=
    [ ! -f "$root/proc/sys/kernel/random/boot_id" ] || read -r now <"$root/proc/sys/kernel/random/boot_id"
    armed_in=
    lines boot note_boot
    [ "$now" = "$armed_in" ]
}

note_boot() {
    armed_in=$1
}

differ() {
    differences="$differences$1$nl"
}

check_up() {
    read -r dev over id <<END
$1
END
    if [ ! -e "$net/$dev" ]; then
        differ "$dev: the device is gone"
    elif [ "$over" != - ] && [ "$(controller_of "$dev")" != "$over" ]; then
        differ "$dev: it is not attached to $over"
    else
        look_at_addresses "$dev"
        [ -z "$lacking" ] || differ "$asked: not there:$lacking"
    fi
}

check_bond() {
    read -r dev option value <<END
$1
END
    bond_is "$dev" "$option" "$value" || differ "$dev: bond option $option is ${have:-none}, was $value"
}

check_mtu() {
    mtu_of "${1%% *}"
    [ "$mtu" = "${1##* }" ] || differ "${1%% *}: MTU is ${mtu:-none}, was ${1##* }"
}

check_over() {
    mtu_of "${1%% *}"
    [ -z "$mtu" ] || [ "$mtu" -ge "${1##* }" ] || differ "${1%% *}: MTU is $mtu, was ${1##* }"
}

check_vlan() {
    read_vlan "$1" || return
    [ -z "$missing" ] || differ "$dev: VLAN id $missing is not as it was"
}

check() {
    differences=
    lines up check_up
    lines bond check_bond
    lines raise check_mtu
    ! same_boot || lines over check_over
    table_device=
    lines vlan check_vlan
    [ -z "$differences" ]
}

# Puts devices back and looks at them, until they are as they were or three attempts were made.
settle() {
    attempt=0
    while [ "$attempt" -lt 3 ]; do
        attempt=$((attempt + 1))
        faults=
        devices
        looks=0
        until check; do
            looks=$((looks + 1))
            [ "$looks" -lt 15 ] || break
            sleep 1
        done
        [ -n "$differences$faults" ] || break
    done
    rest=$differences$faults
    while [ -n "$rest" ]; do
        report failed "${rest%%"$nl"*}"
        rest=${rest#*"$nl"}
    done
    ! same_boot || lines over went_along
}

# What others had made on a device is theirs to make again; the operator has to know that it is gone.
went_along() {
    read -r dev below _mtu <<END
$1
END
    device "$dev" || return
    [ -e "$net/$dev" ] || report failed "$dev: it lay on $below and went with it; have it made again, or reboot"
}

main() {
    # Whoever confirms takes the same lock: it is one or the other.
    exec 9<"$root/etc/NetworkManager" && flock 9 || exit 1
    state_of
    case $state in
    armed | restoring) ;;
    restored)
        drop_units
        exit 0
        ;;
    *)
        # Nothing was changed yet, or the change was confirmed: only the traces are left.
        drop_units
        rm -rf "$folder"
        sync "${folder%/*}"
        exit 0
        ;;
    esac
    if systemctl is-active --quiet "$live"; then
        echo "the change is still under way: the window starts again"
        systemctl --no-block restart "$unit.timer"
        exit 0
    fi
    if [ "$state" = restoring ]; then
        resumed=1
    else
        put_state restoring || exit 1
    fi
    files
    if wait_for_manager; then
        load
        settle
    fi
    report time "$(date +%s)"
    sync "$folder/report" && put_state restored || exit 1
    drop_units
}

main
"""

PROGRAM = HEAD + DEVICES + WHOLE
