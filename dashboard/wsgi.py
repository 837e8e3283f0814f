"""The web process: what gunicorn runs."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
application = get_wsgi_application()
# gunicorn runs no checks by itself, and an unsafe setting has to stop the start.
call_command("check", fail_level="ERROR")
