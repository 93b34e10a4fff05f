"""What is taught, to whom, when."""

from courses.catalogue.models import *
