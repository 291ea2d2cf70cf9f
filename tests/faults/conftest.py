"""Recordings, settings and orders of the fault tests: those of tests/flow_runs, in real processes."""

from tests.flow_runs.conftest import _no_configuration_from_outside, inbox, order, settings  # noqa: F401
