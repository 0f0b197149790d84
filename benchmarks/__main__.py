"""Runs every benchmark: `python -m benchmarks`, or `make bench`."""

from benchmarks import append, growth, ingest, proof, verify

for benchmark in (ingest, append, verify, proof, growth):
    benchmark.main()
    print()
