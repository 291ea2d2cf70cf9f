"""A small OpenAI-compatible server on this machine that answers as it is told, one answer per request."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """`content` is what the model wrote; `body` replaces the whole completion."""

    content: str | None = "{}"
    status: int = 200
    delay_s: float = 0.0
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """The last reply is repeated for whatever else is asked. `asked` are the bodies of the requests."""

    base_url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serve(replies: Sequence[Reply]) -> Iterator[Server]:
    """Runs while the block does."""
    waiting = list(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            server.headers.append(dict(self.headers) | {"path": self.path})
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            time.sleep(reply.delay_s)
            body = reply.body if reply.body is not None else _completion(reply.content)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())
            except OSError:  # the client gave up waiting
                pass

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{httpd.server_address[1]}/v1")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _completion(content: str | None) -> str:
    message = {"role": "assistant", "content": content}
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}, ensure_ascii=False)
