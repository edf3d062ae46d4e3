# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of a lab: a real API with Harvester's kinds, seeded, brought back to a state between tests.

cluster = Lab().up(nodes=0, cluster=True).cluster
cluster.client().put([...])
cluster.reset()
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..harvester.kinds import HOST_NETWORK_CONFIG
from ..harvester.service import SERVICE, Harvester
from ..harvester.versions import VERSIONS
from ..host import LabError, Progress, end_process, is_ours, read_pid
from ..services import Services
from . import etcd, seed, server
from . import nodes as facts
from .build import Programs
from .certs import ADMINISTRATORS, Authority
from .client import YAML, ApiError, Client, Object
from .nodes import NodeFacts

CRDS = Path(__file__).parent / "crds"
INSTALLED, OPERATED = "installed", "operated"
"""What a cluster is seeded with: as after an installation, or as an operator has it some months later."""
BASE = "base"
"""The kept state that `Cluster.reset` brings back: that of the seed. `INSTALLED` is kept in any case."""
SERVICES = (SERVICE, "kube-controller-manager", "forward", "kube-apiserver", "etcd")
"""What runs in the lab's namespace, in the order in which it is ended."""
START_TIMEOUT = 120.0
"""Seconds until the API must be ready; three on an idle machine."""
MAX_PATH = 107
"""Bytes of a socket's path (Linux, sun_path)."""


class Cluster:
    """The cluster of one lab, running or not. Made by `Lab`."""

    def __init__(self, lab_directory: Path, name: str, progress: Progress) -> None:
        self.name = name
        self.directory = lab_directory / "cluster"
        self.services = Services(lab_directory)
        self.authority = Authority(self.directory / "pki")
        self.progress = progress
        self.store = etcd.Etcd(self.directory / "etcd.sock")
        self.harvester = Harvester(self.directory / "harvester", self.services, self.authority)
        self._supervisor = lab_directory / "supervisor.pid"
        self._clients: dict[tuple[str, tuple[str, ...], bool], Client] = {}

    # --- start and end

    def start(
        self,
        programs: Programs,
        nodes: Sequence[NodeFacts],
        harvester: str = "",
        machines: bool = False,
        seeded: str = OPERATED,
    ) -> None:
        """Start everything in the running lab, seed it, keep its states.

        ``harvester``: the version that the stand-in plays, '': no stand-in. ``machines``: the nodes are VMs.
        ``seeded``: `OPERATED` or `INSTALLED`.

        Raises LabError when the API does not get ready.
        """
        started = time.monotonic()
        self.directory.mkdir(mode=0o700)
        (self.directory / "states").mkdir()
        longest = len(os.fsencode(self.directory / "etcd.sock"))
        if longest > MAX_PATH:
            raise LabError(
                f"{self.directory}: a socket's path there has {longest} bytes, and Linux takes {MAX_PATH}. "
                "Set HARVESTER_NETWORK_CACHE to a shorter folder."
            )
        self.authority.create()
        self._write_programs(programs)
        self._start_forwarder()
        self.services.start("etcd", server.etcd(programs, self.directory / "etcd"), "etcd.log")
        self.services.start("kube-apiserver", server.apiserver(programs, self.authority), "kube-apiserver.log")
        pairs = [f"{self.directory}/api.sock={server.ADDRESS}:{server.PORT}", f"{self.store.path}=127.0.0.1:2379"]
        self.services.start("forward", [sys.executable, "-m", server.FORWARD, *pairs])
        self._write_kubeconfig(self.kubeconfig, "admin", (ADMINISTRATORS,))
        self.wait_ready()
        self.install_definitions(definitions(harvester))
        # after the definitions: the garbage collector learns of new kinds every half minute only
        config = self.user_kubeconfig("controller-manager", (ADMINISTRATORS,), inside=True)
        argv = server.controller_manager(programs, config)
        self.services.start("kube-controller-manager", argv, "kube-controller-manager.log")
        self._seed(nodes, machines, seeded)
        if harvester:
            self._start_harvester(harvester, machines)
        self.progress(f"API ready and seeded in {time.monotonic() - started:.1f} s: {self.server}")

    def _seed(self, nodes: Sequence[NodeFacts], machines: bool, seeded: str) -> None:
        client = self.client()
        client.put(seed.installed(nodes, machines))
        self.keep(INSTALLED)
        if seeded == OPERATED:
            client.put(seed.operated(nodes))
        self.keep(BASE)

    def _start_harvester(self, version: str, machines: bool) -> None:
        """Start the stand-in for Harvester, and keep the states again with its webhooks and what it writes.

        ``machines``: the nodes are VMs. Raises LabError when it does not start.
        """
        lab = self.name if machines else ""
        self.harvester.start(version, (server.ADDRESS, server.PORT), lab)
        for name in (INSTALLED, BASE):
            self.reset(name)
            self.harvester.introduce(self.client())
            self.harvester.register(self.client())
            self.settle()
            self.keep(name)

    def settle(self, quiet: float = 1.0, timeout: float = 60.0) -> None:
        """Wait until nothing was written for ``quiet`` seconds. Raises LabError after ``timeout`` seconds."""
        end = time.monotonic() + timeout
        last, since = self.store.read(), time.monotonic()
        while time.monotonic() < since + quiet:
            time.sleep(0.1)
            now = self.store.read()
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() > end:
                raise LabError(f"The cluster was not quiet for {quiet:.0f} s within {timeout:.0f} s.")

    def ensure_forwarder(self) -> None:
        """Start the way in from any shell again, on the same port, when somebody ended it."""
        if not self._forwarder_runs():
            self._start_forwarder()

    def stop(self) -> None:
        """End what runs outside the lab's namespace; what runs inside ends with the supervisor."""
        for client in self._clients.values():
            client.close()
        end_process(read_pid(self.directory / "forward.pid"), self._marker)

    def remove(self) -> None:
        """End everything, in the running lab too, and forget it. Safe to repeat."""
        self.stop()
        self._clients.clear()
        for name in SERVICES:
            self.services.stop(name)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _marker(self) -> str:
        """In the command line of this lab's forwarder."""
        return f"={self.directory}/api.sock --until"

    def _forwarder_runs(self) -> bool:
        return is_ours(read_pid(self.directory / "forward.pid"), self._marker)

    def _start_forwarder(self) -> None:
        """Outside the namespace, so not the supervisor's child; it ends when the supervisor does."""
        port_file = self.directory / "port"
        port = port_file.read_text().strip() if port_file.exists() else "0"
        port_file.unlink(missing_ok=True)
        words = [sys.executable, "-m", server.FORWARD, f"127.0.0.1:{port}={self.directory}/api.sock"]
        words += ["--until", str(read_pid(self._supervisor))]
        words += ["--pid-file", str(self.directory / "forward.pid"), "--port-file", str(port_file)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        log_file = self.directory / "forward.log"
        with log_file.open("ab") as log:
            # setsid --fork: a process of its own, not this one's child
            command = ["setsid", "--fork", *words]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False)
        end = time.monotonic() + 20
        while not port_file.exists():
            if time.monotonic() > end:
                raise LabError(f"The forwarder did not start: {log_file.read_text()[-1000:]}")
            time.sleep(0.02)

    def wait_ready(self, timeout: float = START_TIMEOUT) -> None:
        """Wait until the API says that it is ready. Raises LabError with the programs' last words."""
        end = time.monotonic() + timeout
        # it listens before it answers, and may end in between
        certificate, key = self.authority.client("admin", (ADMINISTRATORS,))
        client = Client("127.0.0.1", self.port, self.authority.certificate, certificate, key, timeout=5)
        while said := client.ready():
            if time.monotonic() > end:
                logs = [self.services.directory / name for name in ("etcd.log", "kube-apiserver.log")]
                last = [f"{log.name}: {log.read_text(errors='replace')[-1000:]}" for log in logs if log.exists()]
                raise LabError("\n".join([f"The API was not ready after {timeout:.0f} s: {said}", *last]))
            time.sleep(0.1)

    def install_definitions(self, paths: Iterable[Path], timeout: float = 30.0) -> None:
        """Create CustomResourceDefinitions (a YAML file each) and wait until their kinds are served."""
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        client = self.client()
        names: list[str] = []
        for file in sorted(paths):
            made = client.request("POST", path, file.read_bytes(), YAML, {"fieldValidation": "Strict"})
            names.append(made["metadata"]["name"])
        end = time.monotonic() + timeout
        for name in names:
            while not _is_served(client, client.request("GET", f"{path}/{name}")):
                if time.monotonic() > end:
                    raise LabError(f"{name} is not served {timeout:.0f} s after it was created.")
                time.sleep(0.05)

    # --- who talks to it, and how

    @property
    def port(self) -> int:
        """The loopback port at which any shell reaches the API. Raises LabError when the lab has no cluster."""
        try:
            return int((self.directory / "port").read_text())
        except OSError as error:
            raise LabError(f"Lab {self.name!r} has no cluster. 'python -m lab up --cluster' starts one.") from error

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, for any shell on this machine."""
        return self.directory / "kubeconfig"

    def user_kubeconfig(self, user: str, groups: Sequence[str] = (), inside: bool = False) -> Path:
        """A kubeconfig of any user (by client certificate), who may do what RBAC says.

        ``inside``: for a process in the lab's namespace (a service), by the address that the node VMs use too.
        """
        certificate, _key = self.authority.client(user, groups)
        where = "-inside" if inside else ""
        path = self.directory / f"kubeconfig{where}-{certificate.stem.removeprefix('client-')}"
        self._write_kubeconfig(path, user, groups, inside)
        return path

    def client(self, user: str = "admin", groups: Sequence[str] = (ADMINISTRATORS,), inside: bool = False) -> Client:
        """A client, the administrator's unless a user is named; ``inside`` as in `user_kubeconfig`."""
        key = (user, tuple(groups), inside)
        if key not in self._clients:
            host, port = (server.ADDRESS, server.PORT) if inside else ("127.0.0.1", self.port)
            certificate, private = self.authority.client(user, groups)
            self._clients[key] = Client(host, port, self.authority.certificate, certificate, private)
        return self._clients[key]

    @property
    def kubectl(self) -> Path:
        return Path(json.loads((self.directory / "programs.json").read_text())["kubectl"])

    def _write_programs(self, programs: Programs) -> None:
        text = json.dumps({"kubectl": str(programs.kubectl)})
        (self.directory / "programs.json").write_text(text)

    def _write_kubeconfig(self, path: Path, user: str, groups: Sequence[str], inside: bool = False) -> None:
        certificate, key = self.authority.client(user, groups)
        url = f"https://{server.ADDRESS}:{server.PORT}" if inside else self.server
        path.write_text(kubeconfig(f"lab-{self.name}", url, user, self.authority.certificate, certificate, key))
        path.chmod(0o600)

    # --- states

    def keep(self, name: str) -> None:
        """Keep the API's present state under a name."""
        etcd.save(self.store.read(), self._state(name))

    def reset(self, name: str = BASE) -> None:
        """Bring the API back to a kept state (tens of milliseconds). Raises LabError for an unknown name."""
        path = self._state(name)
        if not path.exists():
            raise LabError(f"No state {name!r} of the API is kept. There are: {', '.join(self.states())}.")
        with self.harvester.resetting():
            puts, deletes, wanted = etcd.difference(self.store.read(), etcd.load(path))
            self.store.write(puts, deletes)
            etcd.save(wanted, path)

    def states(self) -> list[str]:
        return sorted(path.stem for path in (self.directory / "states").glob("*.json"))

    def _state(self, name: str) -> Path:
        return self.directory / "states" / f"{name}.json"

    # --- nodes

    def add_played(self, count: int) -> list[str]:
        """Node objects without VMs until there are ``node1`` to ``node<count>``; returns the names of the new ones.

        Their NICs are in the LinkMonitors too. Raises LabError for a count outside 1 to `facts.MAX_PLAYED`.
        """
        if not 1 <= count <= facts.MAX_PLAYED:
            raise LabError(f"{count} nodes: the lab plays 1 to {facts.MAX_PLAYED}.")
        client = self.client()
        there = {item["metadata"]["name"] for item in client.list("v1", "Node")}
        new = [found for found in map(facts.played, range(1, count + 1)) if found.name not in there]
        for item in seed.joined(new):
            try:
                client.put([item])
            except ApiError as error:
                # The stand-in's Longhorn was faster: its pod stays, since the spec of a pod cannot be changed.
                if item["kind"] != "Pod" or error.reason != "Invalid":
                    raise
        for monitor in seed.monitors(new) if new else ():
            client.patch(
                monitor["apiVersion"], "LinkMonitor", monitor["metadata"]["name"], {"status": monitor["status"]}
            )
        return [found.name for found in new]


def definitions(harvester: str = "") -> list[Path]:
    """Definitions of the kinds that a version of Harvester has ('': of all)."""
    has_all = not harvester or VERSIONS[harvester].host_network_config
    return [path for path in sorted(CRDS.glob("*.yaml")) if has_all or HOST_NETWORK_CONFIG.plural not in path.stem]


def _is_served(client: Client, definition: Object) -> bool:
    spec, names = definition["spec"], definition["spec"]["names"]
    for version in spec["versions"]:
        try:
            client.resource(f"{spec['group']}/{version['name']}", names["kind"])
        except ApiError as error:
            if error.status in (404, 503):
                return False
            raise
        except LabError:
            return False
    return True


def kubeconfig(name: str, server_url: str, user: str, authority: Path, certificate: Path, key: Path) -> str:
    """A kubeconfig with everything inside (JSON, which is YAML too)."""

    def data(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    found: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": server_url, "certificate-authority-data": data(authority)}},
        ],
        "users": [{"name": user, "user": {"client-certificate-data": data(certificate), "client-key-data": data(key)}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
    }
    return json.dumps(found, indent=2) + "\n"
