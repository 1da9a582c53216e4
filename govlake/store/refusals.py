"""What an S3 server or the way to it refuses, as one sentence with its remedy. Never a key, never a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from govlake.errors import StoreError

LIBRARIES = ("botocore", "boto3", "s3transfer", "urllib3")
# Code of the server -> what it means and what to do. {server}, {bucket} and {doing} are filled in.
SENTENCES = {
    "InvalidAccessKeyId": ("{server} does not know the access key.", "Correct s3_access_key."),
    "SignatureDoesNotMatch": ("{server} refuses the secret key.", "Correct s3_secret_key."),
    "AuthorizationHeaderMalformed": ("{server} is in another region.", "Correct s3_region."),
    "AccessDenied": (
        "{server} does not allow the access key to {doing} in bucket {bucket}.",
        "Allow it to read, write, list and delete there.",
    ),
    "NoSuchBucket": ("There is no bucket {bucket} on {server}.", "Create it, or correct the setting store."),
    "RequestTimeTooSkewed": (
        "This machine's clock and that of {server} differ by more than it allows.",
        "Set both clocks (NTP).",
    ),
    "SlowDown": ("{server} is overloaded and did not {doing}.", "Run again later."),
    "QuotaExceeded": ("The quota of bucket {bucket} on {server} is used up.", "Raise it or clean up."),
    "XMinioStorageFull": ("{server} has no space left.", "Give it more disk."),
    "NotImplemented": ("{server} cannot {doing}.", "See docs/stores.md for servers that can."),
}
SAME = {
    "403": "AccessDenied",
    "Forbidden": "AccessDenied",
    "AllAccessDisabled": "AccessDenied",
    "ServiceUnavailable": "SlowDown",
    "503": "SlowDown",
    "SlowDownWrite": "SlowDown",
    "SlowDownRead": "SlowDown",
    "XMinioAdminBucketQuotaExceeded": "QuotaExceeded",
    "InsufficientStorage": "XMinioStorageFull",
    "501": "NotImplemented",
    "InvalidRegionName": "AuthorizationHeaderMalformed",
}


def code_of(error: Any) -> str:
    """The code of a server's refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def speaking(server: str, bucket: str, doing: str) -> Iterator[None]:
    """Whatever the client library raises while `doing` becomes a StoreError."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(LIBRARIES):
            raise
        raise said(error, server, bucket, doing) from error


def said(error: Exception, server: str, bucket: str, doing: str) -> StoreError:
    """The sentence for what went wrong."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, SSLError
    from urllib3.exceptions import HTTPError

    if isinstance(error, ClientError):
        return _refused(error, server, bucket, doing)
    inner = error.__cause__ or error.__context__
    if isinstance(inner, ClientError):  # what transfers in several parts raise
        return _refused(inner, server, bucket, doing)
    if isinstance(error, SSLError):
        return _untrusted(error, server)
    if isinstance(error, (ConnectionError, HTTPClientError, HTTPError)):
        return StoreError(
            f"The S3 server at {server} does not answer.", "Start it, or correct s3_endpoint; see `govlake doctor`."
        )
    return StoreError(
        f"The S3 client could not {doing}: {_first_line(error)}.", "Check the settings that begin with s3_."
    )


def _refused(error: Any, server: str, bucket: str, doing: str) -> StoreError:
    code = code_of(error)
    sentence = SENTENCES.get(SAME.get(code, code))
    if sentence is None:
        words = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
        return StoreError(
            f"{server} did not {doing} in bucket {bucket}: {code}{f', {words}' if words else ''}.",
            "See the server's log; `govlake doctor` asks it what it promises.",
        )
    return StoreError(*(part.format(server=server, bucket=bucket, doing=doing) for part in sentence))


def _untrusted(error: Exception, server: str) -> StoreError:
    words = str(error)
    if "WRONG_VERSION_NUMBER" in words or "record layer" in words.lower():
        return StoreError(f"{server} does not speak TLS.", "Begin s3_endpoint with http://, or give the server TLS.")
    if "not valid for" in words or "doesn't match" in words:
        return StoreError(f"The certificate of {server} is made out to another name.", "Use that name in s3_endpoint.")
    if "expired" in words:
        return StoreError(f"The certificate of {server} has expired.", "Renew it.")
    return StoreError(
        f"The certificate of {server} is not trusted.",
        "Set s3_ca to the file with the certificate of the authority that signed it.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
