"""Packages for those who read lessons, and for those who make them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum

from courses.packages.addresses import content_origin, package_url
from courses.packages.models import ContentPackage
from courses.packages.rules import may_make
from courses.packages.types import PackageList, PackageRow, PackageView
from lms.accounts.api import Acting, User
from media_pipeline.api import ROWS_A_PAGE, pages


def package_views(uuids: Iterable[UUID], *, user: UUID, now: datetime) -> dict[UUID, PackageView]:
    """Those named, by uuid, in one query; unknown ones are left out. Who may read the lesson is decided above."""
    rows = ContentPackage.objects.filter(uuid__in=list(uuids))
    return {
        row.uuid: PackageView(row.uuid, row.title, package_url(row.uuid, user=user, now=now), content_origin())
        for row in rows
    }


def package_list(acting: Acting, *, now: datetime, query: str = "", page: int = 1) -> PackageList:
    """Newest first. Raises PermissionDenied. Three queries."""
    if not may_make(acting) or acting.user is None:
        raise PermissionDenied
    words = " ".join(query.split())[:60]
    rows = ContentPackage.objects.filter(title__icontains=words) if words else ContentPackage.objects.all()
    shown = pages(rows.count(), page)
    counted = rows.annotate(count=Count("files"), total=Sum("files__size")).order_by("-created_at", "-id")
    held = list(counted[shown.start : shown.start + ROWS_A_PAGE])
    names = {
        user.uuid: user.display_name or user.username
        for user in User.objects.filter(uuid__in={row.author for row in held})
    }
    lines = [
        PackageRow(
            uuid=row.uuid,
            title=row.title,
            author=names.get(row.author, ""),
            created_at=row.created_at,
            version=row.version,
            files=row.count,
            size=row.total or 0,
            src=package_url(row.uuid, user=acting.user, now=now),
        )
        for row in held
    ]
    return PackageList(lines, shown, words, bool(content_origin()))
