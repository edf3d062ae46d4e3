# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in as a service of a lab: started with the cluster, its webhooks registered, its agents switched."""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from .. import config
from ..apiserver.certs import ADMINISTRATORS, Authority
from ..apiserver.client import ApiError, Client
from ..host import LabError
from ..services import Services
from .settings import READY, Control, Delays, Settings, load
from .versions import VERSIONS
from .vms import server as virt_api
from .webhooks.configuration import configurations

SERVICE = "harvester"
LOG = "harvester.log"
MODULE = "lab.harvester"
ADDRESS = "127.0.0.1"
"""Of the lab's namespace, where the API server runs too."""
START_TIMEOUT = 60.0
"""Seconds; two on an idle machine."""


class Harvester:
    """The stand-in of one cluster, running or not. Made by `Cluster`."""

    def __init__(self, directory: Path, services: Services, authority: Authority) -> None:
        self.directory = directory
        self.services = services
        self.authority = authority
        self.control = Control(directory)

    def start(self, version: str, at: tuple[str, int], lab: str = "", delays: Delays | None = None) -> None:
        """Start it and wait until its webhooks answer.

        ``at``: the API as a process in the lab's namespace reaches it. ``lab``: the lab whose node VMs are driven, '':
        every node is played. Raises LabError for an unknown version, or when it does not start.
        """
        if version not in VERSIONS:
            raise LabError(f"Harvester {version!r} is not played: {', '.join(VERSIONS)}.")
        certificate, key = self.authority.client("harvester", (ADMINISTRATORS,))
        names = (ADDRESS, f"{virt_api.SERVICE}.{virt_api.NAMESPACE}.svc")
        server_certificate, server_key = self.authority.server("webhooks", names)
        settings = Settings(
            *at,
            authority=str(self.authority.certificate),
            certificate=str(certificate),
            key=str(key),
            server_certificate=str(server_certificate),
            server_key=str(server_key),
            address=ADDRESS,
            version=version,
            lab=lab,
            cache=str(config.cache_root()),
            delays=delays or Delays(),
        )
        settings.save(self.directory)
        ready = self.directory / READY
        ready.unlink(missing_ok=True)
        self.services.start(SERVICE, [sys.executable, "-m", MODULE, "run", str(self.directory)], LOG)
        self._until(ready.exists, "did not start")

    def stop(self) -> None:
        """End it. Its webhooks stay registered, so the API refuses what they would have judged, as Harvester's does."""
        (self.directory / READY).unlink(missing_ok=True)
        self.services.stop(SERVICE)

    def resetting(self) -> AbstractContextManager[None]:
        """For the time in which the cluster is brought back to a kept state: see `Control.resetting`."""
        return self.control.resetting() if self.directory.exists() else nullcontext()

    def register(self, client: Client) -> None:
        """Put the webhook configurations into the API, and wait until the API asks them."""
        settings = load(self.directory)
        bundle = base64.b64encode(self.authority.certificate.read_bytes()).decode()
        client.put(virt_api.objects(settings.host, settings.api_port, bundle))
        client.put(configurations(settings.url, bundle, settings.harvester))
        self._until(lambda: _asked(client), "is not asked by the API server")
        self._until(lambda: _aggregated(client), "is not asked for subresources")

    def introduce(self, client: Client) -> None:
        """Let the setting ``server-version`` and the nodes say which version this is."""
        release = load(self.directory).harvester.release
        client.patch("harvesterhci.io/v1beta1", "Setting", "server-version", {"value": release})
        for node in client.list("v1", "Node"):
            said = {"status": {"nodeInfo": {"osImage": f"Harvester {release}"}}}
            client.patch("v1", "Node", node["metadata"]["name"], said, status=True)

    def _until(self, what: Callable[[], object], otherwise: str) -> None:
        end = time.monotonic() + START_TIMEOUT
        while not what():
            if time.monotonic() > end:
                log = self.services.directory / LOG
                said = log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"
                raise LabError(f"The stand-in for Harvester {otherwise} within {START_TIMEOUT:.0f} s: {said}")
            time.sleep(0.05)


def _aggregated(client: Client) -> bool:
    found = client.get("apiregistration.k8s.io/v1", "APIService", f"{virt_api.VERSION}.{virt_api.GROUP}")
    conditions = found.get("status", {}).get("conditions") or []
    return any(item["type"] == "Available" and item["status"] == "True" for item in conditions)


def _asked(client: Client) -> bool:
    """True once a deletion of ClusterNetwork mgmt (a dry run) is refused: the API server takes a moment."""
    try:
        client.request("DELETE", "/apis/network.harvesterhci.io/v1beta1/clusternetworks/mgmt", query={"dryRun": "All"})
    except ApiError as error:
        return "denied the request" in error.message
    return False
