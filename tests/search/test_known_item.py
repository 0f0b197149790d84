"""A comment is found from a few of its words, with a slip, in other forms, with a wrong one."""

from pathlib import Path

from benchmarks.known_item import engines, mean_reciprocal_rank, queries, sample_texts


def test_no_engine_puts_known_comments_higher(tmp_path: Path) -> None:
    texts = list(dict.fromkeys(sample_texts()))
    kinds = queries(texts, 60)
    figures = {
        name: {kind: mean_reciprocal_rank(ask, asked) for kind, asked in kinds.items()}
        for name, ask in engines(tmp_path, texts).items()
    }
    ours = figures.pop("muniment")
    assert ours.keys() == {"plain", "inflected", "slip", "missing"}
    for name, theirs in figures.items():
        assert all(ours[kind] >= theirs[kind] for kind in kinds), name
