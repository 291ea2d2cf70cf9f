"""Errors that say what to do. The command prints their text without a traceback."""


class PrescoreError(Exception):
    """Base of every error that a user can act on: names the file, key or call, what was found, what to do."""


class ConfigurationError(PrescoreError):
    """A configuration, checklist or journal mapping does not hold."""


class RecordingError(PrescoreError):
    """This recording cannot be processed: it fails, the batch goes on. `code` is stable and short."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type["RecordingError"], tuple[str, str]]:  # crosses process borders
        return type(self), (self.code, str(self))


class JournalError(PrescoreError):
    """The call journal cannot be read as configured."""


class StoreError(PrescoreError):
    """The database is locked, newer than this program, or damaged."""


class WeightsError(PrescoreError):
    """A model's weights are missing, or their sha256 is not the expected one."""


class InputError(PrescoreError):
    """A file or argument handed to a command does not hold."""


class UnavailableError(PrescoreError):
    """A model of an upper rung cannot answer now: its server is down, its weights do not load. The run goes on."""
