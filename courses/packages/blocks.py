"""Choosing a package: the modal in Wagtail's admin, and the block for StreamFields."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.chooser import ChooserViewSet

from courses.videos.blocks import Choose, Chosen, Results


class PackageChooser(ChooserViewSet):
    """All packages, newest first, found by title; new ones are handed in on their own page."""

    model = "courses.ContentPackage"
    icon = "code"
    choose_one_text = _("Choose a package")
    choose_another_text = _("Choose another package")
    edit_item_text = _("Packages")
    choose_view_class = Choose
    choose_results_view_class = Results
    chosen_view_class = Chosen


package_chooser = PackageChooser("package_chooser", url_prefix="packages/choose")
PackageBlock = package_chooser.get_block_class(name="PackageBlock", module_path="courses.packages.blocks")
