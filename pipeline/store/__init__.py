"""The store: everything that is known of the calls, in one DuckDB file that nobody holds open.

Each unit of work is one short connection: `with Store(path).reading() as con` or `.writing() as con`, and the
functions of this package take that connection:

- `calls`: what the journal and the recordings say; `failures`, `runs`: what went wrong, and when it ran
- `results`, `dialogues`, `vectors`, `evaluations`: what the stages made, written once under their keys
- `verdicts`: what the supervisors say; `show`: one call with everything
- `publish`, `export`: copies for others; `migrations`, `schema_docs`: the schema and its page
"""

from pipeline.store.connection import Store

__all__ = ["Store"]
