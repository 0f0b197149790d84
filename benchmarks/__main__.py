"""Runs every benchmark: `python -m benchmarks`, or `make bench`."""

from benchmarks import append, growth, ingest, proof, readers, verify, volume

for benchmark in (ingest, readers, append, verify, proof, growth, volume):
    benchmark.main()
    print()
