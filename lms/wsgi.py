"""The door of the web server: an exam's saves are answered before Django's middleware, everything else behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
_site = get_wsgi_application()

# The rooms can be imported once Django is set up.
from assessment.api import ExamDoor  # noqa: E402

application = ExamDoor(_site)
