"""When marketing may be sent where people are: dated rules."""

from django.contrib import admin

from consent.admin.base import DatedRuleAdmin, PlaceForm
from consent.check import hours
from consent.models import HoursRule


class HoursForm(PlaceForm):
    def _post_clean(self) -> None:
        """Of the whole row, once each field of it is valid."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                hours.refuse_looser(self.instance)
            except hours.LooserThanTheLaw as refusal:
                self.add_error(None, str(refusal))


@admin.register(HoursRule)
class HoursRuleAdmin(DatedRuleAdmin):
    form = HoursForm
    list_display = [
        "jurisdiction",
        "weekdays",
        "saturday",
        "sunday",
        "on_holidays",
        "cap",
        "valid_from",
        "valid_to",
        "mark",
    ]
    list_display_links = ["jurisdiction"]
    search_fields = ["jurisdiction"]
    fields = [
        "name",
        "jurisdiction",
        "weekdays",
        "saturday",
        "sunday",
        "on_holidays",
        "zones",
        "cap",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]
