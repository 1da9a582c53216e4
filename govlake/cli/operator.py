"""Who sits at the keyboard, for the evidence of what was done by hand."""

import os
import pwd


def operator() -> str:
    """The user's name on this machine, or its number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
