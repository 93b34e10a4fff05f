"""What is taught, to whom, when."""

from courses.catalogue.models import *
from courses.classes.models import *
from courses.enrolment.models import *
from courses.homework.models import *
from courses.learning.models import *
from courses.packages.models import *
from courses.recordings.models import *
from courses.statements.models import *
from courses.studytime.models import *
from courses.videos.models import *
