"""Users, persons, the organisation tree and who may act for whom."""

from lms.accounts.consent.models import *
from lms.accounts.corrections.models import *
from lms.accounts.memberships.models import *
from lms.accounts.organisations.models import *
from lms.accounts.people.models import *
from lms.accounts.registration.models import *
from lms.accounts.signin.models import *
from lms.accounts.slips.models import *
from lms.accounts.ties.models import *
