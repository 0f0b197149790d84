"""Python's collector of cycles, kept from looking at everything again and again.

A measured reason: a batch is thousands of small objects that are let go together, none of them in
cycles. With the usual thresholds a fifth of a reading process's time goes into looking for some,
and a tenth of a writing one's. A transaction's writer is in no cycle either: it goes, with all that
it keeps, as soon as it is done with.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 100_000


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """In here cycles are looked for after many more objects; afterwards as before."""
    before = gc.get_threshold()
    gc.set_threshold(max(_YOUNG, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
