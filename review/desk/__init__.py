"""The desk: who works at the page and what lies before them. A SQLite file beside the store.

Every click writes here (a session seen, a claim renewed, a draft saved, an entry of the audit log), many at a time;
the store in DuckDB has one writer and keeps what outlasts the day: verdicts, flags, notes.
"""
