"""How commands end when they do not end well: one sentence on standard error, and an exit status.

0 done, 1 something the user can put right (or an error of ours), 2 a command line that makes no sense, 130 Ctrl-C.
"""

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from diorama._errors import UserError

INTERRUPTED = 130


class Commands(TyperGroup):
    """A group whose commands may raise UserError."""

    def main(self, args: Sequence[str] | None = None, *positional: Any, **options: Any) -> Any:
        """Run; `--debug`, wherever it stands, adds the traceback to an error's sentence."""
        given = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in given
        given = [argument for argument in given if argument != "--debug"]
        for stream in (sys.stdout, sys.stderr):
            # a terminal that lacks a character gets another one, not an error
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            try:
                return super().main(given, *positional, **options)
            finally:
                # here, where a closed pipe can still be answered, and not when the interpreter ends
                sys.stdout.flush()
                # if Ctrl-C came while a library executed text, `python -m` would end by the signal and not with our
                # status: the next text that is executed to its end lets it forget that
                exec("pass")
        except BrokenPipeError:
            _let_go_of_stdout()
        except SystemExit as end:
            # rich and Typer answer a closed pipe by ending with 1
            if isinstance(end.__context__, BrokenPipeError):
                _let_go_of_stdout()
            raise
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except (Exception, _rust_panic()) as error:
            if debug:
                traceback.print_exc()
            typer.echo(f"diorama: {_sentence(error, debug)}", err=True)
            sys.exit(1)


def _let_go_of_stdout() -> NoReturn:
    """`| head` has seen enough: that is no failure, and nothing more may be written when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _sentence(error: BaseException, debug: bool) -> str:
    # an OSError says which file and why; it is about the user's disk and not about our code
    if isinstance(error, UserError | OSError):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0]
    hint = "" if debug else " `--debug` shows where."
    return f"this is an error of Diorama's own: {type(error).__name__}: {first}{hint}"


def _rust_panic() -> type[BaseException]:
    """What a crash inside polars is, when polars is loaded: no Exception, and no reason for a traceback."""
    polars = sys.modules.get("polars")
    panic: type[BaseException] = polars.exceptions.PanicException if polars else UserError
    return panic
