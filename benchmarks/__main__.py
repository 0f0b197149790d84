"""Runs every benchmark: `python -m benchmarks`, or `make bench`."""

from benchmarks import (
    append,
    bundle,
    capture,
    due,
    growth,
    ingest,
    known_item,
    page,
    proof,
    readers,
    search,
    suggestions,
    verify,
    volume,
)

for benchmark in (
    ingest,
    readers,
    capture,
    append,
    bundle,
    verify,
    proof,
    search,
    known_item,
    suggestions,
    due,
    growth,
    page,
    volume,
):
    benchmark.main()
    print()
