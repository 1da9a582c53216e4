"""Bring Airflow's metadata to the installed version and make the admin account. Safe to repeat.

In one process, because importing Airflow costs seconds, and because a password given to a command
line would be readable in the process list.
"""

from airflow.cli import cli_parser

from govlake.settings import settings


def run(*arguments: str) -> None:
    """Run one `airflow` command in this process."""
    parsed = cli_parser.get_parser().parse_args(arguments)
    parsed.func(parsed)


def admin(password: str) -> list[str]:
    """The command that makes the admin account; a password may begin like an option."""
    person = ["--username", "admin", "--firstname", "Stack", "--lastname", "Admin", "--email", "admin@localhost"]
    return ["users", "create", *person, "--role", "Admin", f"--password={password}"]


def main() -> None:
    run("db", "migrate")
    run(*admin(settings().secret("airflow_admin", 12)))


if __name__ == "__main__":
    main()
