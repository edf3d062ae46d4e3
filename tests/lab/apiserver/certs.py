# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of one lab: an authority of its own, the API's server certificate, client certificates for anybody.

All made by the program openssl from a configuration of our own, so that the machine's does not matter. Keys are
elliptic (P-256), which takes milliseconds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path

from ..host import LabError, run

DAYS = 365
ADMINISTRATORS = "system:masters"
"""Group that RBAC lets do everything (Kubernetes' own name)."""


def configuration(name: str, groups: Sequence[str] = (), extensions: Sequence[str] = ()) -> str:
    """openssl's configuration for one certificate: user and groups as Kubernetes reads them (CN and O)."""
    subject = [f"CN = {name}", *(f"{number}.O = {group}" for number, group in enumerate(groups))]
    head = ["[req]", "prompt = no", "distinguished_name = subject", "x509_extensions = extensions"]
    return "\n".join([*head, "[subject]", *subject, "[extensions]", *extensions, ""])


def alternative_names(names: Sequence[str]) -> str:
    """The extension that names a server: addresses and host names told apart."""
    entries = []
    for name in names:
        try:
            entries.append(f"IP:{ipaddress.ip_address(name)}")
        except ValueError:
            entries.append(f"DNS:{name}")
    return f"subjectAltName = {','.join(entries)}"


class Authority:
    """A certificate authority in a folder; what was made once is given again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self.key = directory / "ca.key"

    def create(self) -> None:
        """Make the authority and the key that signs service account tokens."""
        self.directory.mkdir(parents=True, mode=0o700, exist_ok=True)
        extensions = [
            "basicConstraints = critical,CA:TRUE",
            "keyUsage = critical,keyCertSign,cRLSign",
            "subjectKeyIdentifier = hash",
        ]
        self._openssl(configuration("lab", extensions=extensions), self.certificate, self.key, [])
        words = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(self.service_account_key)]
        run(["openssl", "genpkey", *words])
        # the API reads an elliptic private key only to sign
        run(["openssl", "pkey", "-in", self.service_account_key, "-pubout", "-out", self.service_account_public])

    @property
    def service_account_key(self) -> Path:
        """Signs the tokens of service accounts."""
        return self.directory / "service-account.key"

    @property
    def service_account_public(self) -> Path:
        """By it the API knows its own tokens."""
        return self.directory / "service-account.pub"

    def server(self, name: str, names: Sequence[str]) -> tuple[Path, Path]:
        """Certificate and key of a server that is reached by ``names`` (addresses or host names)."""
        return self._leaf(name, (), ["extendedKeyUsage = serverAuth", alternative_names(names)], f"server-{name}")

    def client(self, name: str, groups: Sequence[str] = ()) -> tuple[Path, Path]:
        """Certificate and key of a user. Raises LabError for a name that cannot be a file's or a subject's."""
        for word in (name, *groups):
            if not word or not set(word) <= set(_PLAIN):
                raise LabError(f"user or group {word!r}: letters, digits and any of '.:@_-' only. Choose another name.")
        stem = "-".join([name, *sorted(groups)]).replace(":", "_")
        return self._leaf(name, groups, ["extendedKeyUsage = clientAuth"], f"client-{stem}")

    def _leaf(self, name: str, groups: Sequence[str], extensions: Sequence[str], stem: str) -> tuple[Path, Path]:
        certificate, key = self.directory / f"{stem}.crt", self.directory / f"{stem}.key"
        if not certificate.exists():
            common = [
                "basicConstraints = critical,CA:FALSE",
                "keyUsage = critical,digitalSignature",
                "subjectKeyIdentifier = hash",
                "authorityKeyIdentifier = keyid:always",
            ]
            signed_by = ["-CA", str(self.certificate), "-CAkey", str(self.key)]
            self._openssl(configuration(name, groups, [*common, *extensions]), certificate, key, signed_by)
        return certificate, key

    def _openssl(self, text: str, certificate: Path, key: Path, signed_by: Sequence[str]) -> None:
        words = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(DAYS)]
        given = ["-config", "/dev/stdin", "-keyout", str(key), "-out", str(certificate)]
        run(["openssl", "req", *words, *signed_by, *given], stdin=text)


_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:@_-"
