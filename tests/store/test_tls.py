"""An S3 server whose certificate is signed by an authority of our own: every client trusts it once `s3_ca` names it."""

import datetime as clock
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from govlake import engine as engines
from govlake import lake
from govlake.errors import StoreError
from govlake.settings import settings
from govlake.stack import testing
from govlake.store import store

pytestmark = [pytest.mark.cluster, pytest.mark.engine]


def certificate(name: str, key: ec.EllipticCurvePrivateKey, by: str, signer: ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate for this machine's loopback address, or for an authority where it signs itself."""
    now = clock.datetime.now(clock.UTC)
    authority = name == by
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - clock.timedelta(hours=1))
        .not_valid_after(now + clock.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if authority:
        signs = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(signs, critical=True)
    else:
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        serves = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(serves, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.S3Server]:
    """An S3 server that speaks TLS."""
    folder = tmp_path_factory.mktemp("tls")
    ours, its = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "ca.crt").write_bytes(certificate("the city", ours, "the city", ours))
    (folder / "public.crt").write_bytes(certificate("its S3 server", its, "the city", ours))
    (folder / "private.key").write_bytes(its.private_bytes(*form))
    with testing.s3(folder / "data", certificates=folder) as server:
        yield server


def test_every_client_trusts_the_authority_that_is_named(
    remote_home: Path, s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE", "")
    )  # what is set by the way goes with the test
    assert s3.endpoint.startswith("https://")
    store().create("lake/x", b"ours")
    address = lake.path("silver", "city", "street")
    lake.replace(address, pa.table({"name": ["人民路", "Main Street"]}))
    with testing.engine() as url:
        monkeypatch.setenv("GOVLAKE_ENGINE_URL", url)
        settings.cache_clear()
        lake.overwrite(lake.read(address).selectExpr("name", "length(name) AS n"), lake.path("gold", "city", "street"))
        engines.close()
    found = lake.delta(lake.path("gold", "city", "street"))
    assert found and sorted(row["n"] for row in found.to_pyarrow_table().to_pylist()) == [3, 11]


WRONG = [
    ("s3_ca", "", "is not trusted"),
    ("s3_endpoint", "https://localhost", "is made out to another name"),
    ("s3_endpoint", "http://127.0.0.1", "does not answer"),
]


@pytest.mark.usefixtures("remote_home")
@pytest.mark.parametrize(("name", "value", "sentence"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_certificate_that_does_not_fit_is_said(
    s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    if value:
        monkeypatch.setenv(f"GOVLAKE_{name.upper()}", f"{value}:{s3.endpoint.rpartition(':')[2]}")
    else:
        monkeypatch.delenv(f"GOVLAKE_{name.upper()}")
    settings.cache_clear()
    with pytest.raises(StoreError, match=sentence) as refused:
        store()
    assert name in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.usefixtures("remote_home")
def test_a_server_without_tls_is_said(s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with testing.s3(tmp_path / "plain") as plain:
        monkeypatch.setenv("GOVLAKE_S3_ENDPOINT", plain.endpoint.replace("http://", "https://"))
        settings.cache_clear()
        with pytest.raises(StoreError, match="does not speak TLS"):
            store()
