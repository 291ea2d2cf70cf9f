import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from pipeline import remote_files
from tests.flow_runs.conftest import order, settings  # noqa: F401


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server's, of the test's own."""

    client: Any
    name: str

    def put(self, key: str, content: bytes | Path) -> Path:
        """Puts the object there; its place as Prescore takes it."""
        body = content.read_bytes() if isinstance(content, Path) else content
        self.client.put_object(Bucket=self.name, Key=key, Body=body)
        return self.place / key

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)

    @property
    def place(self) -> Path:
        return Path(f"s3://{self.name}")


@pytest.fixture(scope="session")
def server() -> Iterator[ThreadedMotoServer]:
    """A server that answers over HTTP as S3 does; whoever asks finds it and its credentials in the environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "of-a-test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "of-a-test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        remote_files._storage.cache_clear()
        yield server
    remote_files._storage.cache_clear()
    server.stop()


@pytest.fixture
def bucket(server: ThreadedMotoServer) -> Bucket:
    client = botocore.session.get_session().create_client("s3")
    name = f"calls-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return Bucket(client, name)
