"""How rows move: landing to bronze to silver. Pure frame functions, and a thin runner around each step."""
