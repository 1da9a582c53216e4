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


def main() -> None:
    run("db", "migrate")
    person = ["--username", "admin", "--firstname", "Stack", "--lastname", "Admin", "--email", "admin@localhost"]
    run("users", "create", *person, "--role", "Admin", "--password", settings().secret("airflow_admin", 12))


if __name__ == "__main__":
    main()
