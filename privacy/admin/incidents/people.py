"""The form that asks whom a breach affected: everybody in a column, or a list."""

from typing import Any

from django import forms

from privacy import incidents
from privacy.models import Column


def columns() -> list[tuple[str, str]]:
    found = incidents.people.sources()
    return [("", "None"), *((str(c.pk), incidents.people.called(c)) for c in found)]


class PeopleForm(forms.Form):
    place = forms.ChoiceField(label="Under which law?", choices=incidents.places)
    column = forms.ChoiceField(
        label="Everybody listed in a column",
        choices=columns,
        required=False,
        help_text="Or a list",
    )
    list_ = forms.FileField(
        label="A list",
        required=False,
        help_text="One number or address a line, up to 50,000.",
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("column")) == bool(said.get("list_")):
            raise forms.ValidationError("Choose a column or give a list.")
        return said

    def found(self) -> dict[str, Any]:
        """The people who were found, and where."""
        if key := self.cleaned_data["column"]:
            column = Column.objects.select_related("table__store").get(pk=key)
            marks = incidents.people.of_column(column)
            return {"marks": marks, "found_in": incidents.people.called(column)}
        raw = self.cleaned_data["list_"].read(incidents.LARGEST)
        marks = incidents.people.of_list(raw.decode("utf-8-sig", errors="replace"))
        return {"marks": marks, "found_in": incidents.people.A_LIST}
