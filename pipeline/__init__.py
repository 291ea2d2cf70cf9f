"""The domain of Prescore: pure functions over frozen records, and its doors to disk (audio, store).

Importing anything here loads no torch, no Prefect and no web framework; import-linter and a test keep it so.
"""
