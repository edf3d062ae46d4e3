# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from ... import _storage
from ..._storage import text_of
from .._registry import PUT, UPDATE, Finding, ours
from .._request import Request
from .._setting import changed, value_of

KIND = ("settings",)


@ours(
    "setting-same-meaning",
    "A value is written anew only when it means something else",
    KIND,
    (UPDATE,),
    "HV pkg/controller/master/storagenetwork: the sha1 of the text tells a change, white space and key order count",
)
def same_meaning(request: Request) -> Iterator[Finding]:
    if not changed(request):
        return
    try:
        same = _storage.same(request.name, text_of(request.old), text_of(request.new))
    except _storage.SettingError:
        return
    if same:
        yield Finding(
            "the new value means what the old one means, but its text differs, so Harvester would set it up again",
            "leave the value as it is",
        )


@ours(
    "setting-reserved-range",
    "The range does not share addresses with pods and services",
    KIND,
    PUT,
    "Harvester's manual, storage network: the webhook does not compare the cluster's own networks",
)
def reserved_range(request: Request) -> Iterator[Finding]:
    value = value_of(request)
    if value is None:
        return
    try:
        whole = _storage.subnet(value.range)
    except ValueError:
        return
    for text in _storage.RESERVED:
        if _storage.subnet(text).overlaps(whole):
            yield Finding(
                "range %s overlaps with %s, which Harvester uses for pods and services" % (value.range, text),
                "give another range",
            )
