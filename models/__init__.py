"""Adapters of heavy models behind the Protocols of `pipeline.interfaces`: one short file per backend.

Each heavy import sits in one function of one adapter, so importing this package costs nothing.
"""
