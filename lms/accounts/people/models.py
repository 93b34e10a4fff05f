"""Logins and persons. A person may have no login (a paper ledger), a user is at most one person."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.logic import masked_name
from lms.accounts.organisations.models import Organisation
from lms.accounts.types import DocumentKind, Sex
from lms.core import clock
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record

__all__ = ["Person", "User"]


class UserManager(BaseUserManager["User"]):
    """Makes bare rows; everything else calls `lms.accounts.people.services.create_user`."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A user with this login name; without a password nobody can log in."""
        fields.setdefault("created_at", clock.now())
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *args: Any, **fields: Any) -> "User":
        """Always refused: a superuser would pass by the matrix of roles. Raises NotImplementedError."""
        raise NotImplementedError("Kaibo has no superusers: run `manage.py create_administrator`.")


class User(Record, AbstractBaseUser, PermissionsMixin):
    """A login. What it may do comes from memberships alone; groups only carry Wagtail's page permissions."""

    username = models.CharField(
        _("login name"), max_length=8, unique=True, validators=[RegexValidator(r"^\d{8}\Z", _("Eight digits"))]
    )
    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("registered by"),
    )
    password_is_initial = models.BooleanField(_("must choose a password"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demonstration"), default=False)
    # No default: Django's checks make an empty user before there is a table to read the clock's offset from.
    created_at = models.DateTimeField(_("created"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    text_size = models.CharField(_("text size"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=10, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=Q(is_superuser=False), name="accounts_no_superuser"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def email(self) -> str:
        """Empty: mail is optional and never an identity; Wagtail asks for the attribute before it notifies."""
        return ""

    @property
    def first_name(self) -> str:
        """What Wagtail's sidebar shows."""
        return self.display_name

    def get_full_name(self) -> str:
        """The display name, else the login name."""
        return self.display_name or self.username

    def get_short_name(self) -> str:
        """The same."""
        return self.get_full_name()


class Person(Record):
    """A human being known by an identity paper. The paper's number and the phone are encrypted; a blind index finds them.

    `organisation` is the one that registered her. Mail and phone are optional, may be shared and are never an identity.
    """

    SEXES = [(Sex.FEMALE.value, _("Female")), (Sex.MALE.value, _("Male"))]
    DOCUMENTS = [
        (DocumentKind.RESIDENT_CARD.value, _("Resident identity card")),
        (DocumentKind.HMT_PERMIT.value, _("Permit of a Hong Kong, Macau or Taiwan resident")),
        (DocumentKind.FOREIGNER_CARD.value, _("Foreigner's residence card")),
        (DocumentKind.PASSPORT.value, _("Passport")),
    ]

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="person", verbose_name=_("user")
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    sex = models.CharField(_("sex"), max_length=10, choices=SEXES, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    document_type = models.CharField(_("identity paper"), max_length=20, choices=DOCUMENTS, blank=True)
    document_number = EncryptedTextField(_("number of the paper"), blank=True)
    document_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="persons", verbose_name=_("registered by")
    )
    # The kept record of the same human being, once two people found this one to be a duplicate; always the last kept.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="merged_records"
    )
    is_demo = models.BooleanField(_("demonstration"), default=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            # One paper, one person; the same person under two papers is found and merged by people.
            models.UniqueConstraint(
                fields=["document_type", "document_index"],
                condition=~Q(document_index=""),
                name="accounts_one_person_a_document",
            ),
            models.CheckConstraint(
                condition=Q(document_index="", document_number="") | (~Q(document_index="") & ~Q(document_type="")),
                name="accounts_document_is_indexed",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="accounts_not_merged_into_herself"
            ),
        ]

    def __str__(self) -> str:
        return masked_name(self.name)
