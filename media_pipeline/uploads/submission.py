"""Selling videos as a target of uploads in pieces: judged by the upload form before a byte is sent, made works at the end."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from lms.accounts.api import Acting
from media_pipeline.assets import store
from media_pipeline.assets.selectors import replaceable_work, require_uploader
from media_pipeline.uploads.forms import DeclarationForm
from media_pipeline.uploads.services import receive_upload, upload_limit
from media_pipeline.uploads.targets import UploadTarget
from media_pipeline.uploads.types import Accepted, TransferStopped


def _declared(said: Mapping[str, str]) -> DeclarationForm:
    """Raises TransferStopped (422) with what is wrong in each field."""
    form = DeclarationForm(dict(said))
    if not form.is_valid():
        errors = {name: " ".join(str(one) for one in found) for name, found in form.errors.items()}
        raise TransferStopped(422, _("Something is missing or wrong in the form."), errors=errors)
    return form


def _replaces(said: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(said["replaces"]) if said.get("replaces") else None
    except ValueError:
        raise TransferStopped(422, _("The earlier video has been replaced already. See your works.")) from None


def check(acting: Acting, said: Mapping[str, str]) -> Accepted:
    """Raises PermissionDenied, Http404, TransferStopped."""
    require_uploader(acting)
    replaces = _replaces(said)
    if replaces:
        replaceable_work(acting, replaces)
    _declared({**said, "token": said.get("token") or str(UUID(int=0))})
    return Accepted()


def take_in(acting: Acting, said: Mapping[str, str], file: store.InPlace, now: datetime, begun_at: datetime) -> str:
    """The page of the work. Raises PermissionDenied, TransferStopped, UploadRefused."""
    told = _declared(said).cleaned_data
    asset = receive_upload(
        acting=acting,
        file=file,
        title=told["title"],
        product=told["product"],
        product_name=told["product_name"],
        brand=told["brand"],
        level=told["level"],
        declared_ai=told["declared_ai"],
        form_token=told["token"],
        replaces=_replaces(said),
        begun_at=begun_at,
        now=now,
    )
    return reverse("media:work", args=[asset.uuid])


TARGET = UploadTarget("submission", check, take_in, upload_limit, lambda: settings.UPLOAD_OWNER_BYTES)
