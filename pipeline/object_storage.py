"""The client of object storage, and what its errors are.

Credentials come from the environment, as AWS's own tools read it (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_ENDPOINT_URL), and from no configuration of ours.
"""

from functools import lru_cache
from typing import Any

from pipeline.errors import ConfigurationError

CONNECT_S, READ_S, ATTEMPTS = 10, 60, 5


@lru_cache(maxsize=1)
def storage() -> Any:
    """One client a process. Raises ConfigurationError when the extra is not installed."""
    try:
        import s3fs
    except ImportError:
        raise ConfigurationError(
            "s3://: the packages for it are not installed; on every machine: "
            ".venv/bin/pip install -e '.[s3]' -c constraints.txt"
        ) from None
    limits = {"connect_timeout": CONNECT_S, "read_timeout": READ_S, "retries": {"max_attempts": ATTEMPTS}}
    # some servers tell the checksum of a whole object with a part of it; the content is known by its sha256 anyway
    checks = {"response_checksum_validation": "when_required"}
    return s3fs.S3FileSystem(use_listings_cache=False, config_kwargs=limits | checks)


def storage_errors() -> tuple[type[Exception], ...]:
    """What storage raises: s3fs makes most of it an OSError, what botocore finds out by itself stays its own."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (OSError,)
    return OSError, BotoCoreError, ClientError


def said(error: Exception) -> str:
    """The kind, and the system's own words where there are some; never an address with a signature in it."""
    strerror = error.strerror if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__} {strerror}".strip()
