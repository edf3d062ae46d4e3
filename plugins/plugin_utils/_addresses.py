# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address arithmetic on the controller; the only file that imports netaddr. Pure; private to the collection.

IPv4 only, as Harvester's storage network and the endpoints of a proof are. Nodes and module_utils use Python's own
ipaddress, since nothing can be installed there.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from ansible.module_utils.basic import missing_required_lib

from ..module_utils.common._errors import MissingLibrary, NetworkError

LIBRARY_ERROR: str | None = None
try:
    from netaddr import AddrFormatError, IPNetwork, IPRange, IPSet
except ImportError:
    LIBRARY_ERROR = traceback.format_exc()

if TYPE_CHECKING:
    from netaddr import IPNetwork as Network


class AddressError(NetworkError, ValueError):
    """A text that is no IPv4 network, or a network that is too small. The message is a sentence part."""


def network(text: str, host_bits: bool = False) -> Network:
    """An IPv4 network in CIDR form; a text without a prefix length is one address.

    host_bits: whether an address inside the network may stand for it. Raises AddressError, MissingLibrary.
    """
    if LIBRARY_ERROR:
        raise MissingLibrary(missing_required_lib("netaddr"))
    try:
        found = IPNetwork(str(text), version=4)
    except (AddrFormatError, ValueError, TypeError):
        raise AddressError(f"{text} is no IPv4 network in CIDR form") from None
    if found.ip != found.network and not host_bits:
        raise AddressError(f"{text} has host bits set")
    return found.cidr


def first_hosts(
    subnet: str, count: int, exclude: Iterable[str] = (), first: str | None = None, last: str | None = None
) -> list[str]:
    """The first addresses of a subnet that hosts can have, with its prefix length, as "198.18.0.1/24".

    exclude: addresses and networks that are passed over. Network and broadcast address are never among them. first,
    last: the range of which they are, the whole subnet when omitted. Raises AddressError when there are fewer than
    ``count``, MissingLibrary.
    """
    net = network(subnet)
    free = _free(net, exclude)
    if first is not None or last is not None:
        ends = (network(first).network if first else net.network, network(last).network if last else net[-1])
        free &= IPSet(IPRange(*ends)) if ends[0] <= ends[1] else IPSet()
    found = [f"{host}/{net.prefixlen}" for host in islice(free, count)]
    if len(found) < count:
        span = f"{subnet} from {first or 'its first'} to {last or 'its last'}" if first or last else subnet
        raise AddressError(f"{span} has {len(found)} addresses for hosts, {count} are wanted")
    return found


def usable(subnet: str, exclude: Iterable[str] = ()) -> int:
    """How many addresses of a range can be given out: without its first, its last and the excluded ones.

    Parts of ``exclude`` outside the range, and parts that are excluded twice, count once or not at all. Raises
    AddressError, MissingLibrary.
    """
    return _free(network(subnet), exclude).size


def overlaps(networks: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of names whose networks share addresses, in the order given.

    networks: name -> network in CIDR form, or the address of a device with its prefix length. Raises AddressError,
    MissingLibrary.
    """
    found = [(name, network(text, host_bits=True)) for name, text in networks.items()]
    return [
        (one, other)
        for place, (one, net) in enumerate(found)
        for other, beside in found[place + 1 :]
        if net in beside or beside in net
    ]


def _free(net: Network, exclude: Iterable[str]) -> IPSet:
    """Without first and last address, in ascending order."""
    ends = IPSet([net.network, net[-1]])
    return IPSet([net]) - ends - IPSet(network(text, host_bits=True) for text in exclude)
