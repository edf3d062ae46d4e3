# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running stand-in is told: a file of its folder; and what it is told while it runs: files beside it."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..host import LabError
from .versions import DEFAULT, VERSIONS, Version

FILE = "settings.json"
AGENTS_OFF = "agents-off"
AGENTS_RESTING = "agents-resting"
LOCK = "lock"
RESET = "reset"
SWITCHES = "switches.json"
LOOKED = "looked"
LOOK_TIMEOUT = 10.0
"""Seconds until a stand-in that says nothing is no more waited for."""
READY = "ready"
"""There once the webhooks answer and every kind was listed."""


@dataclass(frozen=True)
class Delays:
    """Seconds. The defaults are as quick as the real thing was seen, or quicker where that only waits."""

    look: float = 2.0
    """Between two looks at a node's links when nothing else happens, and before a failed setup is tried again."""
    node_grace: float = 10.0
    """Of silence until a node is no longer Ready (upstream: 40)."""
    vm_start: float = 0.0
    agent: float = 0.0
    """From a guest's start until its guest agent is connected."""
    vm_stop: float = 0.0
    """What a guest needs to shut down."""
    grace_second: float = 1.0
    """How long a second of ``terminationGracePeriodSeconds`` lasts."""
    migration: float = 0.5
    """Of a live migration, from the target pod's start to the end."""
    migration_pending: float = 300.0
    """Until a migration without a node to go to fails."""
    pod_stop: float = 0.2
    """Until a pod that is deleted or evicted is gone."""
    storage_step: float = 0.0
    """Between two steps of a change of the storage network (5.2)."""
    detach: float = 0.0
    """Until a volume that nobody uses is detached."""
    rebuild: float = 2.0
    """Of a replica, once its node is back."""


@dataclass(frozen=True)
class Faults:
    """What goes wrong, switched while the stand-in runs. VMs are ``namespace/name``."""

    stubborn_guests: tuple[str, ...] = ()
    """VMs whose guests do not hear of a shutdown: killed when their grace is over."""
    without_agent: tuple[str, ...] = ()
    """VMs that have no guest agent at their next start."""
    not_ready: tuple[str, ...] = ()
    """VMs that run and do not get Ready at their next start."""
    forgets_macs: tuple[str, ...] = ()
    """VMs whose interfaces Harvester's webhook does not give the MACs that they had, at their next start."""
    failing_migrations: tuple[str, ...] = ()
    """VMs whose migrations fail."""
    storage_network_stops: str = ""
    """The step before which a change of a network setting stays for good: nad, volumes, longhorn, addresses or done."""
    without_lhnet1: tuple[str, ...] = ()
    """Nodes whose next instance manager comes up without its second interface (#11639)."""
    busy_agents: tuple[str, ...] = ()
    """Nodes whose agent hangs: what comes meanwhile it does later, and loses nothing."""
    leaks_addresses: bool = False
    """Addresses of pods that are gone stay in their pool."""
    rebuilding_never_ends: bool = False
    held_volumes: tuple[str, ...] = ()
    """Longhorn volumes that stay attached when nobody uses them."""
    pods_that_stay: tuple[str, ...] = ()
    """Pods, ``namespace/name``, that never go once deleted."""
    etcd_leader: str = ""
    """The node to which etcd's leader moves, '': it stays where it is."""
    etcd_learners: tuple[str, ...] = ()
    """Nodes whose etcd member is no voter."""
    vip_holder: str = ""
    """The node to which the virtual address moves."""


@dataclass(frozen=True)
class Settings:
    """How the stand-in reaches the API, where it listens, and what it plays."""

    host: str
    port: int
    authority: str
    """Certificates and keys are paths."""
    certificate: str
    key: str
    server_certificate: str
    server_key: str
    address: str
    """The address at which the API server reaches the webhooks."""
    webhook_port: int = 9443
    api_port: int = 9444
    """Of the aggregated API, at ``host``."""
    version: str = DEFAULT
    lab: str = ""
    """The lab whose nodes are driven; '': every node is played."""
    cache: str = ""
    """The cache root under which that lab's state is."""
    delays: Delays = field(default_factory=Delays)

    @property
    def harvester(self) -> Version:
        """Raises LabError for an unknown version."""
        try:
            return VERSIONS[self.version]
        except KeyError:
            raise LabError(f"Harvester {self.version!r} is not played: {', '.join(VERSIONS)}.") from None

    @property
    def url(self) -> str:
        """The webhooks' URL, without path."""
        return f"https://{self.address}:{self.webhook_port}"

    def save(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        (directory / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n")


def load(directory: Path) -> Settings:
    """Raises LabError when the folder has no settings."""
    try:
        found = json.loads((directory / FILE).read_text())
    except OSError as error:
        raise LabError(f"{directory}: no stand-in for Harvester was set up here.") from error
    return Settings(**{**found, "delays": Delays(**found["delays"])})


class Control:
    """The files by which a running stand-in is told something. Also what tests and the command line use."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._in_reset = False

    def stop_agent(self, node: str) -> None:
        """From the next look on the node's agent does nothing: it loses what is deleted meanwhile."""
        (self.directory / AGENTS_OFF).mkdir(exist_ok=True)
        (self.directory / AGENTS_OFF / node).touch()

    def start_agent(self, node: str) -> None:
        (self.directory / AGENTS_OFF / node).unlink(missing_ok=True)

    def agent_stopped(self, node: str) -> bool:
        """Whether it was told to stop; a look that had begun by then still ends."""
        return (self.directory / AGENTS_OFF / node).exists()

    def agent_rests(self, node: str) -> bool:
        """Whether the node has made its last look without the agent: until it has looked with it again."""
        return (self.directory / AGENTS_RESTING / node).exists()

    def agent_looked(self, node: str, runs: bool) -> None:
        """The node says that a look has ended, with its agent or without."""
        if self.agent_rests(node) == runs:
            (self.directory / AGENTS_RESTING).mkdir(exist_ok=True)
            path = self.directory / AGENTS_RESTING / node
            path.unlink() if runs else path.touch()

    def stopped_agents(self) -> list[str]:
        folder = self.directory / AGENTS_OFF
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def delay(self, **seconds: float) -> None:
        """Other `Delays` from the next look on, until the cluster is brought back. Raises TypeError for unknown."""
        replace(Delays(), **seconds)
        self._switch("delays", seconds)

    def fault(self, **values: object) -> None:
        """`Faults` from the next look on, until the cluster is brought back. Raises TypeError for unknown."""
        replace(Faults(), **values)  # type: ignore[arg-type]
        self._switch("faults", values)

    def delays(self, given: Delays) -> Delays:
        """``given``, with what was switched."""
        return replace(given, **self._switched("delays"))

    def faults(self) -> Faults:
        """What goes wrong now."""
        found: dict[str, Any] = {}
        for key, value in self._switched("faults").items():
            found[key] = tuple(value) if isinstance(value, list) else value
        return Faults(**found)

    def _switch(self, what: str, values: Mapping[str, object]) -> None:
        path = self.directory / SWITCHES
        found = {key: self._switched(key) for key in ("delays", "faults")}
        found[what] |= {key: list(item) if isinstance(item, tuple) else item for key, item in values.items()}
        # the stand-in may read at any time
        new = path.with_suffix(".new")
        new.write_text(json.dumps(found))
        new.replace(path)

    def _switched(self, what: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.directory / SWITCHES).read_text())[what])
        except OSError:
            return {}

    @contextmanager
    def working(self) -> Iterator[None]:
        """A controller looks and writes: any number may at a time, but none while `resetting`."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def resetting(self) -> Iterator[None]:
        """The cluster is brought back to a kept state inside: controllers rest, and begin anew with what is there then.

        All agents run again, delays and faults are as at the start, and played nodes have the links of their
        installation. One inside another is part of it.
        """
        if self._in_reset:
            yield
            return
        with self._locked(fcntl.LOCK_EX):
            self._in_reset = True
            try:
                yield
            finally:
                self._in_reset = False
            self._reset()
        # what a test changes at once would else be what the controllers begin with
        end = time.monotonic() + LOOK_TIMEOUT
        while (self.directory / READY).exists() and self._number(LOOKED) < self.resets() and time.monotonic() < end:
            time.sleep(0.02)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self.directory / LOCK).open("a") as file:
            fcntl.flock(file, how)
            yield

    def _reset(self) -> None:
        for node in self.stopped_agents():
            self.start_agent(node)
        (self.directory / SWITCHES).unlink(missing_ok=True)
        (self.directory / RESET).write_text(f"{self.resets() + 1}\n")

    def looked(self, resets: int) -> None:
        """The stand-in says that it has looked at the cluster since it was brought back so often."""
        if self._number(LOOKED) != resets:
            (self.directory / LOOKED).write_text(f"{resets}\n")

    def resets(self) -> int:
        """How often the cluster was brought back."""
        return self._number(RESET)

    def _number(self, file: str) -> int:
        try:
            return int((self.directory / file).read_text())
        except (OSError, ValueError):
            return 0
