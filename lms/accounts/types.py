"""Roles, kinds of organisation and on whose behalf a request is made (domain 3.3). No Django models here."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person may do on behalf of one organisation."""

    TRAINEE = "trainee"  # 学员
    INSTRUCTOR = "instructor"  # 讲师
    EXAMINER = "examiner"  # 考评员
    CHIEF_EXAMINER = "chief_examiner"  # 考评组长
    COMMITTEE = "committee"  # 题库委员
    INSTITUTION_ADMIN = "institution_admin"  # 机构管理员
    HR_BUREAU = "hr_bureau"  # 人社局
    COMMERCE_BUREAU = "commerce_bureau"  # 商务局
    FINANCE_BUREAU = "finance_bureau"  # 财政局
    INSPECTOR = "inspector"  # 督导
    ARCHIVE_READER = "archive_reader"  # 档案查阅人
    ADMINISTRATOR = "administrator"  # 系统管理员: users and organisations only
    LEADER = "leader"  # 领导 (S5)
    DEPARTMENT_MANAGER = "department_manager"  # 部门负责人 (S5)
    INVIGILATOR = "invigilator"  # 监考
    PANEL_MEMBER = "panel_member"  # 评审组成员 (S3)
    ANONYMOUS = "anonymous"  # nobody signed in; never stored in a membership


# Everybody who works here; each needs a second factor and a session that ends with the browser.
STAFF_ROLES = frozenset(Role) - {Role.TRAINEE, Role.ANONYMOUS}


class OrganisationKind(StrEnum):
    """A node of the organisation tree (S1-02); depth and order are free."""

    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
    BUREAU = "bureau"
    INSTITUTION = "institution"
    EVALUATION_BODY = "evaluation_body"
    COMPANY = "company"
    DEPARTMENT = "department"
    OTHER = "other"


# They work on the place they stand in, not on what hangs below them: a county's bureau sees the county (S1-02).
WORKS_ON_PARENT = frozenset({OrganisationKind.BUREAU, OrganisationKind.EVALUATION_BODY})


class DocumentKind(StrEnum):
    """The identity papers accepted; only the resident card has a number that can be checked (GB 11643)."""

    RESIDENT_CARD = "resident_card"
    HMT_PERMIT = "hmt_permit"
    FOREIGNER_CARD = "foreigner_card"
    PASSPORT = "passport"


class Sex(StrEnum):
    """As printed on the identity paper."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Acting:
    """On whose behalf a request is made: one user, one role, one organisation. Roles are never mixed.

    `role` is ANONYMOUS and the uuids are None when nobody is signed in or the user has no valid membership.
    `organisation_path` is the tree path within which the role works: the organisation's own path, for a bureau or an
    evaluation body that of the place it stands in; for the staff of any institution only its own.
    """

    user: UUID | None
    person: UUID | None
    role: Role
    organisation: UUID | None
    organisation_path: str
    organisation_name: str
    membership: UUID | None

    def covers(self, organisation_path: str) -> bool:
        """Whether a place in the tree is this organisation's or below it."""
        return self.role is not Role.ANONYMOUS and organisation_path.startswith(self.organisation_path)


NOBODY = Acting(None, None, Role.ANONYMOUS, None, "", "", None)
# The installation itself, at the command line: sets up the first organisation and administrator, builds the demonstration.
INSTALLATION = Acting(None, None, Role.ADMINISTRATOR, None, "", "", None)


@dataclass(frozen=True)
class PersonData:
    """What identifies a person, as typed. `document_type` "" and `document_number` "" where no paper was shown."""

    name: str
    sex: Sex | None = None
    birth_date: date | None = None
    document_type: DocumentKind | None = None
    document_number: str = ""
    phone: str = ""


class AccountsRefusal(Exception):
    """A foreseen refusal of a service of this package. `message` is for the person who asked; `field` names the input."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
