"""Ingest: sources to captures, and what was decided about them.

Readers turn the exports of platforms into `Capture` values; one pipeline compares them with what
the archive holds and appends what is new, changed or gone. Policies and decisions (removals, bans,
appeals) are in `ingest.moderation`.
"""
