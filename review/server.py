"""Serves the page."""

import contextlib
import socket

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from pipeline.errors import InputError

LOCAL_HOSTS = ("127.0.0.1", "localhost")


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until Ctrl-C. There is no log-in yet: on another host than this machine everybody there reads all calls.

    Addresses are not logged: filters hold people's names. Raises InputError when the address cannot be listened on.
    """
    listening = listen(host, port)
    config = uvicorn.Config(guarded(app, host), access_log=False, server_header=False, log_level="warning")
    with listening, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def guarded(app: FastAPI, host: str) -> ASGIApp:
    """On this machine alone, answers only to this machine's names: no foreign page reads it by renaming itself."""
    return TrustedHostMiddleware(app, allowed_hosts=LOCAL_HOSTS) if host in LOCAL_HOSTS else app


def listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = str(getattr(error, "strerror", None) or error).partition(" (while")[0]
        found = f"{host}:{port}: cannot be listened on ({reason})"
        raise InputError(f"{found}; choose another with --host or --port") from error
