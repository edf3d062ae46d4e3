# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTPS server that the API server asks. A thread per connection; the rules themselves hold no state."""

from __future__ import annotations

import json
import ssl
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..versions import Version
from ..view import View
from ..writes import Write
from . import review
from .configuration import HOOKS, path, served

PATHS = {path(server, action): (server, action) for server, action in HOOKS}


class WebhookServer(ThreadingHTTPServer):
    """Answers AdmissionReview v1 for both of upstream's servers. Reads are fresh lists, so no answer is stale."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        certificate: Path,
        key: Path,
        view: View,
        version: Version,
        write: Callable[[list[Write]], object] | None = None,
    ) -> None:
        super().__init__(address, Handler)
        self.write = write
        self.view = view
        self.version = version
        self.webhooks = served(version)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._context = context

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        # the handshake happens in the connection's own thread, at its first read
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        wrapped.settimeout(None)
        return wrapped, address

    def answer(self, route: str, body: dict[str, Any]) -> Any:
        """The answer to one review; ``route`` is one of `PATHS`."""
        server, action = PATHS[route]
        if action == "mutate":
            return review.mutate(body, self.webhooks, server, self.view, self.version)
        return review.validate(body, self.webhooks, server, self.view, self.version, self.write)

    def start(self) -> threading.Thread:
        """Serve in a thread of its own."""
        thread = threading.Thread(target=self.serve_forever, name="webhooks", daemon=True)
        thread.start()
        return thread


class Handler(BaseHTTPRequestHandler):
    """One connection of the API server, kept open by it."""

    protocol_version = "HTTP/1.1"
    server: WebhookServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        route = self.path.partition("?")[0]
        if route not in PATHS:
            self._send(404, b"no such webhook")
            return
        try:
            answer = self.server.answer(route, json.loads(body))
        except Exception:
            # a fault of the stand-in must not look like a refusal of Harvester
            self._send(500, traceback.format_exc().encode())
            return
        self._send(200, json.dumps(answer).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json" if code == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing for what went well."""
