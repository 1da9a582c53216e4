"""The command line: `govlake`. One sentence per error, a remedy with it, and an exit code scripts can rely on.

0 = done or nothing new, 1 = error, 2 = the command was written wrongly, 3 = something is held, 130 = interrupted.
"""

import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its code."""
    _leave(exit_code_of(sys.argv[1:] if arguments is None else list(arguments)))


def _leave(code: int) -> NoReturn:
    """End at once.

    A question that was answered before all of its files were read leaves threads that read on: they call Python while
    it is taken apart, and the process crashes or waits for ever after its answer.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a pipe that nobody reads any more
            stream.flush()
    os._exit(code)


def exit_code_of(arguments: list[str]) -> int:
    """Run one command; returns its exit code. Nothing but Ctrl-C and exit codes gets past here."""
    from govlake.cli import failures
    from govlake.cli.app import command

    failures.quieten()
    try:
        code = command().main(arguments or ["--help"], prog_name="govlake", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the one place where every error becomes a sentence
        return failures.tell(error)
