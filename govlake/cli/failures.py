"""Errors as people see them: one sentence and what to do next, on stderr. Traces go to a log file."""

import logging
import os
import sys
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path

from govlake.errors import GovlakeError

HELD = 3


def quieten() -> None:
    """Keep libraries' warnings away from people, unless they asked for them."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())


def tell(error: Exception) -> int:
    """Say what went wrong on stderr; returns the exit code."""
    if isinstance(error, BrokenPipeError):
        # The reader left, as `| head` does. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if _is_interrupt(error):
        return 130
    if _debug():
        traceback.print_exception(error)
        return 1
    if isinstance(error, GovlakeError):
        _say(f"{error.message} {error.remedy}")
        return 1
    format_message = getattr(error, "format_message", None)
    if format_message is not None:  # the command was written wrongly
        if format_message():  # else the help was shown
            _say(f"{_sentence(format_message())} {_help_for(error)}")
        return int(getattr(error, "exit_code", 2))
    _say(_unexpected(error))
    return 1


def _is_interrupt(error: Exception) -> bool:
    import typer

    return isinstance(error, typer.Abort)


def _help_for(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path if context else 'govlake'} --help`."


def _unexpected(error: Exception) -> str:
    first = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {first[0][:200]}" if first else type(error).__name__
    return f"Something unexpected happened ({reason}). {_written(error)}"


def _written(error: Exception) -> str:
    """Write the trace to the home's log; says where it is."""
    try:
        from govlake.settings import settings

        log = settings().logs / "cli.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {Path(sys.argv[0]).name} {sys.argv[1:]}\n")
            file.writelines(traceback.format_exception(error))
    except (OSError, GovlakeError) as refused:
        return f"The trace could not be written ({refused}); set GOVLAKE_DEBUG=1 to see it."
    return f"The details are in {log}."


def _debug() -> bool:
    from govlake.settings import settings

    try:
        return settings().debug
    except GovlakeError:
        return False


def _say(text: str) -> None:
    print(text.strip(), file=sys.stderr)


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.endswith((".", "?", "!")) else stripped + "."
