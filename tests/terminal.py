"""A command at a terminal of its own."""

MUNIMENT = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from app.cli import main
main()
"""
"""The program, started in a session of its own with a terminal as its standard input."""
