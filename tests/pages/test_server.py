import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.errors import InputError
from review.server import guarded, listen

SERVE = """
import sys
from pathlib import Path
from pipeline.data_folder import DataFolder
from pipeline.settings import load_settings
from review.app import create_app
from review.server import serve
serve(create_app(DataFolder(Path(sys.argv[1])), load_settings()), port=int(sys.argv[2]))
print("ended in order")
"""


def test_a_taken_port_says_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127.0.0.1:{port}: cannot be listened on \(Address already in use\)"):
            listen("127.0.0.1", port)
    with pytest.raises(InputError, match="choose a port of 0-65535 with --port"):
        listen("127.0.0.1", 99999)
    with pytest.raises(InputError, match="choose another with --host or --port"):
        listen("no.such.host.invalid", 0)


def test_a_foreign_name_for_this_machine_is_refused() -> None:
    app = FastAPI()
    assert guarded(app, "10.0.0.5") is app
    client = TestClient(guarded(app, "127.0.0.1"), base_url="http://rebound.example")
    assert client.get("/").status_code == 400
    assert TestClient(guarded(app, "127.0.0.1"), base_url="http://localhost:8000").get("/").status_code == 404


def test_serves_until_interrupted(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-c", SERVE, str(tmp_path), str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "Prescore" in get(f"http://127.0.0.1:{port}/")
        finally:
            process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert said == "ended in order\n"


def get(address: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.headers["server"] is None
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
