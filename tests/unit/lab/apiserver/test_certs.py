# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as Kubernetes and Python's ssl read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.apiserver.certs import Authority
from lab.apiserver.server import SERVER_NAMES
from lab.host import LabError


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("pki") / "pki")
    made.create()
    return made


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_server_is_named_by_loopback_and_the_lab_s_address(authority: Authority) -> None:
    certificate, _key = authority.server("kube-apiserver", SERVER_NAMES)
    found = load(certificate)
    found.verify_directly_issued_by(load(authority.certificate))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {
        "127.0.0.1",
        "10.99.0.1",
        "10.53.0.1",
    }
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "kubernetes.default.svc"]
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_client_is_user_and_groups(authority: Authority) -> None:
    certificate, key = authority.client("system:serviceaccount:a:b", ["system:serviceaccounts", "team"])
    found = load(certificate)
    found.verify_directly_issued_by(load(authority.certificate))
    assert [item.value for item in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [
        "system:serviceaccount:a:b"
    ]
    groups = [item.value for item in found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    assert groups == ["system:serviceaccounts", "team"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.directory.stat().st_mode) == 0o700


def test_what_was_made_once_is_given_again(authority: Authority) -> None:
    first = authority.client("viewer")[0].read_bytes()
    assert authority.client("viewer")[0].read_bytes() == first
    assert authority.client("viewer", ["team"])[0].read_bytes() != first


@pytest.mark.parametrize("name", ["a/b", "", "a b", "a\nO = system"])
def test_a_name_that_could_be_more_than_a_name_is_refused(authority: Authority, name: str) -> None:
    with pytest.raises(LabError) as error:
        authority.client(name)
    assert str(error.value) == (
        f"user or group {name!r}: letters, digits and any of '.:@_-' only. Choose another name."
    )
