"""A store behind a certificate of one's own: Java trusts its authority, or says what is wrong with the file."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from govlake.errors import StackError
from govlake.settings import Settings
from govlake.stack import spark

pytestmark = pytest.mark.cluster


def authority() -> bytes:
    """A certificate that signs itself, as PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "city")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def test_the_server_trusts_the_stores_own_authority(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(authority())
    own = Settings(home=tmp_path / "home", s3_ca=tmp_path / "ca.pem")
    spark.prepare(own, 50051)
    known = ["keytool", "-list", "-keystore", str(spark.authorities(own)), "-storepass", spark.JAVAS_OWN]
    listed = subprocess.run(known, capture_output=True, text=True).stdout
    assert "govlake-store" in listed and listed.count("trustedCertEntry") > 50
    assert str(spark.authorities(own)) in (own.run_dir / "spark" / "spark-defaults.conf").read_text()


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(StackError, match=r"Java does not take the certificate .*ca\.pem"):
        spark.prepare(Settings(home=tmp_path / "home", s3_ca=tmp_path / "ca.pem"), 50051)
