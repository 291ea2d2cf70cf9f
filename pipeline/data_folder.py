"""Where a data folder keeps what: one folder chosen by `--data` holds store, scratch, inbox and published files."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError


@dataclass(frozen=True)
class DataFolder:
    root: Path

    @property
    def store(self) -> Path:
        return self.root / "calls.duckdb"

    @property
    def desk(self) -> Path:
        """Who works at the review page, and what lies before them."""
        return self.root / "desk.sqlite"

    @property
    def inbox(self) -> Path:
        """Recordings land here when no folder is named."""
        return self.root / "inbox"

    @property
    def scratch(self) -> Path:
        """Decoded samples of calls in work; whatever lies here between runs may be deleted."""
        return self.root / "cache" / "decoded"

    @property
    def heads(self) -> Path:
        """Models that were learned from verdicts, one file a version; none is ever deleted."""
        return self.root / "heads"

    @property
    def corpus_vectors(self) -> Path:
        """Vectors of the dialogues that came with the program, for learning; made again where they are missing."""
        return self.root / "cache" / "corpus-vectors"

    @property
    def run_lock(self) -> Path:
        """Held by the run that works in this folder."""
        return self.root / "run.lock"

    @property
    def playable(self) -> Path:
        """Copies of recordings that every browser plays; made again when they are asked for."""
        return self.root / "cache" / "playable"

    @property
    def peaks(self) -> Path:
        """Outlines of recordings for the page; made again when they are asked for."""
        return self.root / "cache" / "peaks"

    @property
    def rescores(self) -> Path:
        """Re-scores that were started from the page: what was asked, how far each is, what it printed."""
        return self.root / "cache" / "rescores"

    @property
    def sides(self) -> Path:
        """Calls whose sides were swapped from the page: which process judges each again, and what it printed."""
        return self.root / "cache" / "sides"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def restored_audio(self) -> Path:
        """Recordings that came back from a backup, by their content."""
        return self.root / "audio"

    @property
    def erasures(self) -> Path:
        """Which calls were erased, so that an older backup does not bring them back; see docs/decisions/0019."""
        return self.root / "erasures.jsonl"

    @property
    def last_backup(self) -> Path:
        """When the last backup was made, for whoever watches."""
        return self.root / "last-backup.json"

    def prepare(self) -> None:
        """Make the folder. Raises InputError when it cannot be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.scratch.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"{self.root}: cannot be written ({error.strerror}); choose another folder with --data"
            ) from error
