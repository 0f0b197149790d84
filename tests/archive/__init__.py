"""Tests of the archive: log, proofs, keys, vault."""
