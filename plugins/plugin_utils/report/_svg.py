# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology and heat map as inline SVG: no script, no font, no address outside. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from ._model import LAYERS, Item, Path, Report

HEADINGS = {
    "nic": "NICs",
    "bond": "bonds",
    "bridge": "bridges",
    "vlan": "VLAN devices",
    "network": "VM networks",
    "vm": "VMs",
}
WIDE, TALL, GAP, ROW = 170, 40, 50, 52
"""Size of a box, gap between columns, height of a row, in pixels."""
CELL, MARGIN = 34, 120
CHARACTERS = 24
"""Of a text in a box."""


def topology(report: Report) -> str:
    """A band per host, NICs to the left and VLAN devices to the right; the cluster's networks and VMs below."""
    bands = [_band(host or "cluster", items) for host, items in report.topology.items()]
    return "\n".join(bands)


def _band(name: str, items: Sequence[Item]) -> str:
    layers = [layer for layer in LAYERS if any(item.layer == layer for item in items)]
    columns = {layer: [item for item in items if item.layer == layer] for layer in layers}
    places = {
        item.key: (10 + column * (WIDE + GAP), 34 + row * ROW)
        for column, layer in enumerate(layers)
        for row, item in enumerate(columns[layer])
    }
    width = 10 + len(layers) * (WIDE + GAP)
    height = 34 + ROW * max((len(column) for column in columns.values()), default=1)
    shapes = [
        f'<text class="head" x="{10 + column * (WIDE + GAP)}" y="20">{HEADINGS[layer]}</text>'
        for column, layer in enumerate(layers)
    ]
    shapes += [_edge(places[parent], places[item.key]) for item in items for parent in item.parents if parent in places]
    shapes += [_box(item, *places[item.key]) for item in items]
    return _figure(f"Topology of {name}", width, height, shapes)


def _edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1, x2, y2 = start[0] + WIDE, start[1] + TALL // 2, end[0], end[1] + TALL // 2
    middle = (x1 + x2) // 2
    return f'<path class="edge" d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"/>'


def _box(item: Item, x: int, y: int) -> str:
    title = f"{item.label} {item.detail}".strip()
    # What lies on something of another picture says so by its name.
    on = ", ".join(item.parents)
    return (
        f"<g><title>{escape(title + (' on ' + on if on else ''))}</title>"
        f'<rect class="{item.layer}" x="{x}" y="{y}" width="{WIDE}" height="{TALL}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 17}">{escape(_short(item.label))}</text>'
        f'<text class="detail" x="{x + 8}" y="{y + 32}">{escape(_short(item.detail))}</text></g>'
    )


def _short(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"


def heat_maps(report: Report) -> str:
    """A map per network: from the node of the row to the node of the column."""
    networks: dict[str, list[Path]] = {}
    for path in report.paths:
        networks.setdefault(path.network, []).append(path)
    return "\n".join(_heat_map(name, paths) for name, paths in networks.items())


def _heat_map(name: str, paths: Sequence[Path]) -> str:
    nodes = list(dict.fromkeys([path.source for path in paths] + [path.target for path in paths]))
    by_pair: Mapping[tuple[str, str], Path] = {(path.source, path.target): path for path in paths}
    shapes = []
    for number, node in enumerate(nodes):
        at = MARGIN + number * CELL
        shapes.append(f'<text class="right" x="{MARGIN - 8}" y="{at + 21}">{escape(_short(node))}</text>')
        turned = f'transform="translate({at + 21} {MARGIN - 8}) rotate(-60)"'
        shapes.append(f"<text {turned}>{escape(_short(node))}</text>")
        for column, other in enumerate(nodes):
            shapes.append(_cell(by_pair.get((node, other)), MARGIN + column * CELL, at, node == other))
    size = MARGIN + len(nodes) * CELL
    return _figure(f"Path MTU, {name}", size + 80, size + 10, shapes)


def _cell(path: Path | None, x: int, y: int, same: bool) -> str:
    if path is None:
        return f'<rect class="{"self" if same else "unknown"}" x="{x}" y="{y}" width="{CELL - 2}" height="{CELL - 2}"/>'
    state = "good" if path.passed else "low" if path.largest else "none"
    title = f"{path.source} to {path.target}: {path.mtu} bytes, {path.status}, largest seen {path.largest or 'none'}"
    # A sign besides the colour, for those who do not see it.
    sign = {"good": "✓", "low": "!", "none": "✗"}[state]
    side = f'width="{CELL - 2}" height="{CELL - 2}"'
    return (
        f'<g><title>{escape(title)}</title><rect class="{state}" x="{x}" y="{y}" {side}/>'
        f'<text class="sign" x="{x + CELL // 2 - 1}" y="{y + 21}">{sign}</text></g>'
    )


def _figure(title: str, width: int, height: int, shapes: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<figcaption>{escape(title)}</figcaption>\n<svg role="img" aria-label="{escape(title)}" {size}>'
    return "\n".join(["<figure>" + head, *shapes, "</svg></figure>"])
