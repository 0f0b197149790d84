"""Programs that share no code with this one: written from docs/format.md alone."""
