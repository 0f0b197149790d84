"""A command at a terminal of its own."""

MUNIMENT = """
import fcntl, signal, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
from app.cli import main
main()
"""
"""The program, started in a session of its own with a terminal as its standard input.

It hears Ctrl-C also where the tests themselves were started deaf to it, as in the background.
"""
