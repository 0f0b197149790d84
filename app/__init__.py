"""What people touch: the command line (`app.cli`) and the demonstration (`app.demo`).

This room composes the others and holds no rule of its own.
"""

__version__ = "0.1.0"
