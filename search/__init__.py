"""Search: one query language, several engines, complete and counted results."""
