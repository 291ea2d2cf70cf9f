import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from pipeline import object_storage
from tests.flow_runs.conftest import order, settings  # noqa: F401

NAME = "of-a-test"


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


@contextmanager
def storage_at(address: str, secret: str) -> Iterator[None]:
    """Whoever asks finds the server and its credentials in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", NAME)
        patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        forget_clients()
        yield
    forget_clients()


def forget_clients() -> None:
    """A client keeps the address and the credentials that it was made with."""
    object_storage.storage.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()


def new_bucket() -> Bucket:
    client = botocore.session.get_session().create_client("s3")
    name = f"calls-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return Bucket(client, name)


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and secret of rclone's S3 server over a folder: it checks signatures, and keeps what is put there."""
    secret = uuid4().hex
    program = str(Path(sys.executable).with_name("rclone"))
    words = ["serve", "s3", str(tmp_path_factory.mktemp("storage")), "--addr", "127.0.0.1:0", "--config", ""]
    environment = os.environ | {"RCLONE_AUTH_KEY": f'"{NAME},{secret}"'}
    with subprocess.Popen([program, *words], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = address_in(process.stderr)
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop the server
            yield address, secret
        finally:
            process.kill()


def address_in(said: Iterable[str]) -> str:
    """Where the server says that it listens."""
    lines = []
    for line in said:
        lines.append(line)
        if found := re.search(r"http://[\d.]+:\d+", line):
            return found.group()
    raise AssertionError(f"rclone serves nothing: {''.join(lines)}")


@pytest.fixture
def bucket(rclone: tuple[str, str]) -> Iterator[Bucket]:
    with storage_at(*rclone):
        yield new_bucket()


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of moto's server, which takes any name of an object: rclone's are files."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def any_name_bucket(moto: str) -> Iterator[Bucket]:
    with storage_at(moto, "of-a-test"):
        yield new_bucket()
