"""Serves the page."""

import contextlib
import logging
import socket

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

from pipeline.errors import InputError

LOCAL_HOSTS = ("127.0.0.1", "localhost")
LOOPBACK = ("127.0.0.1", "::1")
LAST_PORT = 65_535


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8000, proxy: str | None = None) -> None:
    """Serves until Ctrl-C. `proxy`: the name under which a proxy with TLS on this machine hands requests on.

    Then, and only then, it is believed who asked and that TLS was used. Addresses of requests are not logged: filters
    hold people's names. Raises InputError when the address cannot be listened on.
    """
    listening = listen(host, port)
    config = uvicorn.Config(
        guarded(app, host, proxy),
        access_log=False,
        server_header=False,
        log_level="warning",
        log_config=None if logging.getLogger().handlers else LOGGING_CONFIG,  # whoever set logs up gets these too
        proxy_headers=proxy is not None,
        forwarded_allow_ips=list(LOOPBACK),
    )
    with listening, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def guarded(app: FastAPI, host: str, proxy: str | None = None) -> ASGIApp:
    """Answers only to its own names where they are known: no foreign page reads it by renaming itself."""
    if proxy is not None:
        return TrustedHostMiddleware(app, allowed_hosts=[proxy, *LOCAL_HOSTS], www_redirect=False)
    return TrustedHostMiddleware(app, allowed_hosts=LOCAL_HOSTS) if host in LOCAL_HOSTS else app


def listen(host: str, port: int) -> socket.socket:
    """The socket that answers there. Raises InputError when it is taken, or no address of this machine."""
    where = f"{host}:{port}: cannot be listened on"
    if not 0 <= port <= LAST_PORT:
        raise InputError(f"{where}; choose a port of 0-{LAST_PORT} with --port")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (while")[0]
        raise InputError(f"{where} ({reason}); choose another with --host or --port") from error
