"""SCORM packages and their files, for good: another package is another row."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.ids import new_uuid
from lms.core.records import WrittenOnce

__all__ = ["ContentPackage", "PackageFile"]

SCORM_1_2 = "1.2"


class ContentPackage(WrittenOnce):
    """A SCORM 1.2 package that lessons show. sha256: of the zip as it came; entry: where it begins, with its query.

    author: the login that handed it in.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    title = models.CharField(pgettext_lazy("package", "title"), max_length=60)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    entry = models.CharField(max_length=400, editable=False)
    version = models.CharField(max_length=8, default=SCORM_1_2, editable=False)
    author = models.UUIDField(editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="courses_package_has_title"),
            models.CheckConstraint(condition=models.Q(version=SCORM_1_2), name="courses_package_version"),
        ]

    def __str__(self) -> str:
        return self.title


class PackageFile(WrittenOnce):
    """One file of a package by its path there; in private storage it lies under its hash, so no name reaches the disk."""

    id = models.BigAutoField(primary_key=True)
    package = models.ForeignKey(ContentPackage, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("file of a package")
        verbose_name_plural = _("files of packages")
        constraints = [models.UniqueConstraint(fields=["package", "path"], name="courses_one_file_a_path")]

    def __str__(self) -> str:
        return self.path

    @property
    def key(self) -> str:
        """Where it lies in private storage; `package` fetched with it."""
        return file_key(self.package.sha256, self.sha256)


def file_key(package: str, file: str) -> str:
    """Where a file lies in private storage, by the two hashes."""
    return f"packages/{package}/{file}"
