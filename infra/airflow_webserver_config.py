"""Settings of Airflow's sign-in pages (Flask-AppBuilder)."""

from flask_appbuilder.const import AUTH_DB

AUTH_TYPE = AUTH_DB
WTF_CSRF_ENABLED = True
# One process serves the pages, so counting sign-in attempts in its memory is right.
RATELIMIT_STORAGE_URI = "memory://"
