"""How often Python looks for garbage: hardly ever in a command that soon ends, as usual in a server that stays.

What libraries make while they load is there to stay. Looking through it again and again, and once more at the end, took
a quarter of a small fit.
"""

import atexit
import gc

_usual = gc.get_threshold()


def for_a_command() -> None:
    """Let some millions of objects be made before anything is looked through, and leave the last look out."""
    gc.set_threshold(5_000_000)
    atexit.register(gc.freeze)


def for_a_server() -> None:
    """Look as often as Python does by itself, but not at what has been loaded up to now."""
    gc.freeze()
    gc.set_threshold(*_usual)
