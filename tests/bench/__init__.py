"""Benchmarks: whole commands beside a baseline in one run. They write a table; none is a test."""
