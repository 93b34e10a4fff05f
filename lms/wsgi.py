"""The door of the web server: an exam's saves are answered before Django's middleware, everything else behind it."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
_site = get_wsgi_application()

# The rooms can be imported once Django is set up.
from assessment.api import ExamDoor  # noqa: E402
from lms.core.turns import Turns  # noqa: E402

# A save computes for less than it waits for the disk: it takes no turn.
application = ExamDoor(Turns(_site, settings.WEB_AT_ONCE))

# What is loaded now stays: the collector need not walk through it again and again.
get_resolver().url_patterns  # noqa: B018 # loads every view
gc.collect()
gc.freeze()
