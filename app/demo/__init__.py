"""A library's year in one command: the main job end to end, on real exports."""

from app.demo._year import run

__all__ = ["run"]
