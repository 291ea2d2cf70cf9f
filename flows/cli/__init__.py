"""The command `prescore`: one file per group of subcommands; each body is a call into flows, pipeline or models."""

from flows.cli.app import main

__all__ = ["main"]
