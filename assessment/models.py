"""Tables of assessment, a line a room."""

from assessment.bank.models import *
from assessment.candidates.models import *
from assessment.certification.models import *
from assessment.delivery.models import *
from assessment.examiners.models import *
from assessment.marking.models import *
from assessment.papers.models import *
from assessment.results.models import *
from assessment.specification.models import *
from assessment.statistics.models import *
from assessment.theory.models import *
