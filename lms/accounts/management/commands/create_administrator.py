"""`manage.py create_administrator`: the first administrator of an installation, or one more when all are locked out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from lms.accounts.memberships.services import grant_membership
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.services import create_organisation
from lms.accounts.people.services import create_user, initial_password
from lms.accounts.types import INSTALLATION, AccountsRefusal, OrganisationKind, Role
from lms.core import clock


class Command(BaseCommand):
    """Prints a login name and a first password, once."""

    help = "Create an administrator (users and organisations only) at the top of the organisation tree."

    def add_arguments(self, parser: CommandParser) -> None:
        """Positional: the name to show. Option: the name of the top organisation, made if there is none."""
        parser.add_argument("name", help="the name to show, for instance 系统管理员")
        parser.add_argument("--organisation", required=True, help="the top of the tree, for instance 福州市")
        parser.add_argument(
            "--kind",
            default=OrganisationKind.CITY.value,
            choices=[kind.value for kind in OrganisationKind],
            help="its kind, when it has to be made",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        password = initial_password()
        try:
            with transaction.atomic():
                top = self._top(options["organisation"], OrganisationKind(options["kind"]))
                user = create_user(
                    by=INSTALLATION, organisation=top, display_name=options["name"], password=password, now=clock.now()
                )
                grant_membership(by=INSTALLATION, user=user, organisation=top, role=Role.ADMINISTRATOR, now=clock.now())
        except AccountsRefusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"login name      {user.username}")
        self.stdout.write(f"first password  {password}")
        self.stdout.write("Shown once. It must be changed at the first sign-in, and the second step set up.")

    def _top(self, name: str, kind: OrganisationKind) -> Organisation:
        top = Organisation.objects.filter(depth=1, name=name).first()
        return top or create_organisation(by=INSTALLATION, parent=None, name=name, kind=kind, now=clock.now())
