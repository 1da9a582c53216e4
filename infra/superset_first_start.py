"""Bring Superset's metadata to the installed version, make the admin account and the roles. Safe to repeat.

In one process, because importing Superset costs seconds, and because a password given to a command
line would be readable in the process list.
"""

import json
import os
from pathlib import Path

from flask_migrate import upgrade
from superset.app import create_app


def main() -> None:
    state = json.loads((Path(os.environ["GOVLAKE_HOME"]) / "run" / "superset.json").read_text("utf-8"))
    app = create_app()
    with app.app_context():
        upgrade()
        # Only now: these modules look at the tables when they are imported.
        from superset.extensions import appbuilder, db, security_manager

        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        if not security_manager.find_user(state["admin"]):
            role = security_manager.find_role("Admin")
            security_manager.add_user(
                state["admin"], "Stack", "Admin", "admin@localhost", role, state["admin_password"]
            )
        db.session.commit()


if __name__ == "__main__":
    main()
