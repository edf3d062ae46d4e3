# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of profile properties: it renders and parses keyfiles and nmcli's output.

This module util is private to the collection. Sources: nm-settings-nmcli(5), nm-settings-keyfile(5), the bonding and
bridge documentation of the Linux kernel, and Harvester's installer templates (profiles of the management network).
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Mapping, NamedTuple, Optional, Tuple

from ..common._errors import NetworkError, Problem, ValidationError
from . import _codecs as codecs
from ._codecs import Codec, Section
from ._profile import BOND, BRIDGE, ETHERNET, VLAN

ALL = frozenset((BOND, BRIDGE, VLAN, ETHERNET))
PORTS = frozenset((BOND, VLAN, ETHERNET))

# How a change of a property becomes live on a device that exists; the order of preference is _liveness.py's.
KERNEL = "kernel"  # set in the kernel, with the profile changed on disk
SYSFS = "sysfs"  # a bond option that the kernel takes while ports are attached
REAPPLY = "reapply"  # D-Bus Reapply with preserve-external-ip
ACTIVATE = "activate"  # activation of the bond
REBOOT = "reboot"
NOTHING = "nothing"  # concerns only how the profile is started


class Property(NamedTuple):
    """One row: where a dotted option stands in a keyfile and in nmcli, its types, default and way to become live.

    default: what NetworkManager takes when the key is absent; used to compare, never written.
    """

    option: str
    section: str
    key: str
    nmcli: str
    codec: Codec
    types: FrozenSet[str]
    live: str
    default: Any = None
    spellings: Tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether nmcli's text of this property can be compared with the keyfile's value."""
        return self.codec.comparable

    def read(self, section: Mapping[str, str]) -> Any:
        """The typed value in a keyfile section, None when it is not there."""
        if self.key == "gateway":
            return codecs.read_gateway(section)
        reader = getattr(self.codec, "read", None)
        if reader is not None:
            return reader(section)
        for key in (self.key,) + self.spellings:
            if key in section:
                return self.codec.from_keyfile(section[key])
        return None

    def write(self, section: Section, value: Any) -> None:
        """Set the value in a keyfile section, or remove it (None); other spellings of the key are kept."""
        if self.key == "gateway":
            codecs.write_gateway(section, value)
            return
        writer = getattr(self.codec, "write", None)
        if writer is not None:
            writer(section, value)
            return
        found = [key for key in (self.key,) + self.spellings if key in section]
        if value is None:
            for key in found:
                del section[key]
        else:
            section[found[0] if found else self.key] = self.codec.to_keyfile(value)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values (None: not set) mean the same to NetworkManager."""
        return self.meaning(one) == self.meaning(other)

    def meaning(self, value: Any) -> Any:
        """The value with NetworkManager's default for 'not set'; MTU 0 and an empty list are 'not set' too."""
        if value is None or value == [] or (self.option == "mtu" and value == 0):
            return self.default
        return value


def _connection(option: str, key: str, codec: Codec, types: FrozenSet[str], **kwargs: Any) -> Property:
    nmcli = "connection." + key
    return Property(option, "connection", key, nmcli, codec, types, kwargs.pop("live", REBOOT), **kwargs)


def _bond(name: str, codec: Codec, live: str, default: Any = None) -> Property:
    return Property("bond." + name, "bond", name, "bond.options", codec, frozenset((BOND,)), live, default)


def _bridge(name: str, codec: Codec, live: str, default: Any) -> Property:
    key = name.replace("_", "-")
    types = frozenset((BRIDGE,))
    return Property("bridge." + name, "bridge", key, "bridge." + key, codec, types, live, default)


def _bridge_port(name: str, codec: Codec, live: str, default: Any = None) -> Property:
    key = name.replace("_", "-")
    return Property("bridge_port." + name, "bridge-port", key, "bridge-port." + key, codec, PORTS, live, default)


def _ip(family: str, name: str, key: str, nmcli: str, codec: Codec, default: Any = None) -> Property:
    live = NOTHING if name == "may_fail" else REAPPLY
    return Property("%s.%s" % (family, name), family, key, "%s.%s" % (family, nmcli), codec, ALL, live, default)


def _ip_rows(family: str) -> Tuple[Property, ...]:
    return (
        _ip(family, "method", "method", "method", Codec()),
        _ip(family, "addresses", "address1", "addresses", codecs.Addresses()),
        _ip(family, "gateway", "gateway", "gateway", Codec()),
        _ip(family, "dns", "dns", "dns", codecs.Words()),
        _ip(family, "dns_search", "dns-search", "dns-search", codecs.Words()),
        _ip(family, "routes", "route1", "routes", codecs.Routes()),
        _ip(family, "route_metric", "route-metric", "route-metric", codecs.Number(), -1),
        _ip(family, "may_fail", "may-fail", "may-fail", codecs.Flag(), True),
        _ip(family, "never_default", "never-default", "never-default", codecs.Flag(), False),
    )


MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")

TABLE: Tuple[Property, ...] = (
    (
        _connection("interface_name", "interface-name", Codec(), ALL),
        _connection("controller", "master", Codec(), PORTS, spellings=("controller",)),
        _connection("port_type", "slave-type", Codec(), PORTS, spellings=("port-type",)),
        _connection("autoconnect", "autoconnect", codecs.Flag(), ALL, live=NOTHING, default=True),
        Property("mtu", "ethernet", "mtu", "802-3-ethernet.mtu", codecs.Number(), ALL, KERNEL, 1500),
        Property(
            "cloned_mac_address",
            "ethernet",
            "cloned-mac-address",
            "802-3-ethernet.cloned-mac-address",
            codecs.Upper(),
            ALL,
            REBOOT,
        ),
        _bond("mode", codecs.Word(*MODES), ACTIVATE, "balance-rr"),
        _bond("miimon", codecs.Number(), SYSFS),
        _bond("updelay", codecs.Number(), SYSFS, 0),
        _bond("downdelay", codecs.Number(), SYSFS, 0),
        _bond("peer_notif_delay", codecs.Number(), SYSFS, 0),
        _bond("use_carrier", codecs.Digit(), SYSFS, True),
        _bond("primary", Codec(), SYSFS),
        _bond("primary_reselect", codecs.Word("always", "better", "failure"), SYSFS, "always"),
        _bond("fail_over_mac", codecs.Word("none", "active", "follow"), ACTIVATE, "none"),
        _bond("num_grat_arp", codecs.Number(), SYSFS, 1),
        _bond("num_unsol_na", codecs.Number(), SYSFS, 1),
        _bond("resend_igmp", codecs.Number(), SYSFS, 1),
        _bond("all_slaves_active", codecs.Digit(), SYSFS, False),
        _bond("min_links", codecs.Number(), SYSFS, 0),
        _bond(
            "xmit_hash_policy", codecs.Word("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4"), SYSFS, "layer2"
        ),
        _bond("lp_interval", codecs.Number(), SYSFS, 1),
        _bond("packets_per_slave", codecs.Number(), SYSFS, 1),
        _bond("tlb_dynamic_lb", codecs.Digit(), ACTIVATE, True),
        _bond("lacp_rate", codecs.Word("slow", "fast"), ACTIVATE, "slow"),
        _bond("ad_select", codecs.Word("stable", "bandwidth", "count"), ACTIVATE, "stable"),
        _bond("ad_actor_sys_prio", codecs.Number(), ACTIVATE, 65535),
        _bond("ad_actor_system", Codec(), ACTIVATE),
        _bond("ad_user_port_key", codecs.Number(), ACTIVATE, 0),
        _bond("arp_interval", codecs.Number(), ACTIVATE, 0),
        _bond("arp_ip_target", codecs.CommaWords(), ACTIVATE),
        _bond(
            "arp_validate",
            codecs.Word("none", "active", "backup", "all", "filter", "filter_active", "filter_backup"),
            ACTIVATE,
            "none",
        ),
        _bond("arp_all_targets", codecs.Word("any", "all"), ACTIVATE, "any"),
        _bridge("stp", codecs.Flag(), KERNEL, True),
        _bridge("forward_delay", codecs.Number(), KERNEL, 15),
        _bridge("hello_time", codecs.Number(), KERNEL, 2),
        _bridge("max_age", codecs.Number(), KERNEL, 20),
        _bridge("ageing_time", codecs.Number(), KERNEL, 300),
        _bridge("priority", codecs.Number(), KERNEL, 32768),
        _bridge("multicast_snooping", codecs.Flag(), KERNEL, True),
        _bridge("vlan_filtering", codecs.Flag(), REBOOT, False),
        _bridge("vlan_default_pvid", codecs.Number(), REBOOT, 1),
        _bridge("vlans", codecs.Vlans(), KERNEL, None),
        _bridge("mac_address", codecs.Upper(), REBOOT, None),
        _bridge_port("vlans", codecs.Vlans(), KERNEL),
        _bridge_port("path_cost", codecs.Number(), REBOOT, 100),
        _bridge_port("priority", codecs.Number(), REBOOT, 32),
        Property("vlan.id", "vlan", "id", "vlan.id", codecs.Number(), frozenset((VLAN,)), REBOOT),
        Property("vlan.parent", "vlan", "parent", "vlan.parent", Codec(), frozenset((VLAN,)), REBOOT),
        Property("vlan.flags", "vlan", "flags", "vlan.flags", codecs.Number(), frozenset((VLAN,)), REBOOT, 1),
    )
    + _ip_rows("ipv4")
    + _ip_rows("ipv6")
)

BY_OPTION: Dict[str, Property] = {row.option: row for row in TABLE}

# Order of sections in a keyfile that we make, as in Harvester's templates.
SECTIONS = ("connection", "ethernet", "bond", "bridge", "bridge-port", "vlan", "ipv4", "ipv6")


def row(option: str) -> Property:
    """The row of a dotted option; KeyError for an unknown one."""
    return BY_OPTION[option]


def groups() -> Dict[str, Dict[str, Property]]:
    """The rows by suboption group; the group '' holds the options at the top level."""
    found: Dict[str, Dict[str, Property]] = {"": {}}
    for item in TABLE:
        group, _dot, name = item.option.rpartition(".")
        found.setdefault(group, {})[name] = item
    return found


def plain(values: Mapping[str, Any]) -> Dict[str, Any]:
    """Flat typed values as the nested, JSON-clean dict that users see."""
    tree: Dict[str, Any] = {}
    for item in TABLE:
        value = values.get(item.option)
        if item.option not in values:
            continue
        group, _dot, name = item.option.rpartition(".")
        target = tree.setdefault(group, {}) if group else tree
        target[name] = None if value is None else item.codec.plain(value)
    return tree


def typed(tree: Mapping[str, Any], where: str = "profile") -> Dict[str, Any]:
    """Nested options (only those that the user gave; None unsets) as flat typed values.

    Unknown names are the argument spec's to refuse and are passed over here. where: the object, for messages.
    Raises ValidationError for a value that has no meaning, such as VLAN id 4095.
    """
    problems = []
    values: Dict[str, Any] = {}
    for group, rows in groups().items():
        part: Optional[Mapping[str, Any]] = tree if not group else tree.get(group)
        if part is None:
            continue
        for name, item in rows.items():
            if name in part:
                value = part[name]
                try:
                    values[item.option] = None if value is None else item.codec.normal(value)
                except (ValueError, NetworkError) as error:
                    problems.append(Problem(where, item.option, _words(value), str(error)))
    if problems:
        raise ValidationError(problems)
    return values


def _words(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
