"""Users, persons, the organisation tree and who may act for whom."""

from lms.accounts.memberships.models import *
from lms.accounts.organisations.models import *
from lms.accounts.people.models import *
from lms.accounts.ties.models import *
