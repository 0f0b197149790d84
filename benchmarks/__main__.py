"""Runs every benchmark: `python -m benchmarks`, or `make bench`."""

from benchmarks import append, growth, ingest, proof, readers, search, verify, volume

for benchmark in (ingest, readers, append, verify, proof, search, growth, volume):
    benchmark.main()
    print()
