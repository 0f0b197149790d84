"""Runs every benchmark: `python -m benchmarks`, or `make bench`."""

from benchmarks import ingest

ingest.main()
