"""Roles and kinds of organisation (domain 3.3). No Django."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Acting:
    """On whose behalf a request is made: one user, one role, one organisation. Roles are never mixed.

    `role` is ANONYMOUS and the uuids are None when nobody is signed in or the user has no membership.
    `organisation_path` is the tree path of the organisation: a place belongs to it when its path starts so.
    """

    user: UUID | None
    person: UUID | None
    role: Role
    organisation: UUID | None
    organisation_path: str
    organisation_name: str
    membership: UUID | None

    def covers(self, organisation_path: str) -> bool:
        """Whether a place in the tree is this organisation or below it."""
        return self.organisation is not None and organisation_path.startswith(self.organisation_path)


NOBODY = Acting(None, None, Role.ANONYMOUS, None, "", "", None)
