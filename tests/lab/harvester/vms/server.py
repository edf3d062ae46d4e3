# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aggregated API ``subresources.kubevirt.io/v1``, for which the API server asks by an APIService (virt-api).

The API server has judged the caller (RBAC) before it asks; here nobody is asked who he is.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..view import View
from ..webhooks.admission import Refusal
from ..writes import Write
from . import subresources

GROUP, VERSION = "subresources.kubevirt.io", "v1"
ROOT = f"/apis/{GROUP}/{VERSION}"
SERVICE, NAMESPACE = "virt-api", "harvester-system"
PATH = re.compile(rf"^{re.escape(ROOT)}/namespaces/([^/]+)/(virtualmachines|virtualmachineinstances)/([^/]+)/([a-z]+)$")


def resources() -> Any:
    """What discovery says."""
    found = [
        {"name": f"{plural}/{verb}", "singularName": "", "namespaced": True, "kind": "", "verbs": ["update"]}
        for plural, verbs in subresources.VERBS.items()
        for verb in verbs
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{GROUP}/{VERSION}",
        "resources": found,
    }


def objects(address: str, port: int, ca_bundle: str) -> list[dict[str, Any]]:
    """Service, its endpoint and APIService. ``ca_bundle``: PEM in base64."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE, "namespace": NAMESPACE},
        "spec": {"ports": [{"name": "https", "port": 443, "targetPort": port}]},
    }
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{SERVICE}-lab",
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": SERVICE},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }
    aggregated = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{VERSION}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "version": VERSION,
            "service": {"name": SERVICE, "namespace": NAMESPACE, "port": 443},
            "caBundle": ca_bundle,
            "groupPriorityMinimum": 1000,
            "versionPriority": 15,
        },
    }
    return [service, endpoints, aggregated]


class SubresourceServer(ThreadingHTTPServer):
    """Serves it. Reads are fresh lists."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        certificate: Path,
        key: Path,
        view: View,
        write: Callable[[list[Write]], object],
        now: Callable[[], str],
    ) -> None:
        super().__init__(address, Handler)
        self.view = view
        self.write = write
        self.now = now
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._context = context

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, name="virt-api", daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SubresourceServer

    def do_GET(self) -> None:
        route = self.path.partition("?")[0].rstrip("/")
        self._send(200, resources()) if route == ROOT else self._send(404, _status("not found", 404, "NotFound"))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        route, _, query = self.path.partition("?")
        match = PATH.match(route)
        if not match or match[4] not in subresources.VERBS[match[2]]:
            self._send(404, _status("the server could not find the requested resource", 404, "NotFound"))
            return
        options = json.loads(body or b"{}") or {}
        try:
            place, plural, of, verb = match.groups()
            found = subresources.writes(self.server.view, plural, place, of, verb, options, self.server.now())
        except Refusal as error:
            self._send(error.code, _status(error.message, error.code, error.reason))
            return
        if "dryRun=All" not in query and "All" not in (options.get("dryRun") or []):
            self.server.write(found)
        self._send(202, {})

    def _send(self, code: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing for what went well."""


def _status(message: str, code: int, reason: str) -> Any:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "code": code,
        "reason": reason,
    }
