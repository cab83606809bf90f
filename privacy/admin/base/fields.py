"""Form fields that several screens share: tables are chosen by their titles."""

from django import forms

from privacy.models import Table


class TablesField(forms.ModelMultipleChoiceField):
    """Shows tables of the map as “Call events (sample)” and not as
    `sample.call_events`."""

    def __init__(
        self, *, label: str, help_text: str = "", widget: type = forms.SelectMultiple
    ) -> None:
        super().__init__(
            Table.objects.select_related("store"),
            label=label,
            required=False,
            help_text=help_text,
            widget=widget,
        )

    def label_from_instance(self, table: Table) -> str:
        return in_words(table)


def in_words(table: Table) -> str:
    words = table.full_name.replace("_", " ").replace(".", ": ")
    return f"{words[:1].upper()}{words[1:]} ({table.store.name})"
