"""Links between tables: what a row refers to, and whether both are about one person."""

from typing import Any

from django import forms
from django.contrib import admin

from privacy.datamap import linking
from privacy.models import Link, Table


class LinkForm(forms.ModelForm):
    """A link that the database enforces is a fact: only its meaning can be changed."""

    table: Table

    class Meta:
        model = Link
        fields = ("columns", "target", "target_columns", "when", "role", "state")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.is_constraint:
            for name in set(self.fields) - {"role"}:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["when"] = said.get("when") or {}
        if not self.errors:
            link = Link(**{name: said[name] for name in LinkForm.Meta.fields})
            names = self.table.columns.values_list("name", flat=True)
            if problem := linking.fault(link, set(names)):
                raise forms.ValidationError(problem)
        return said


class LinkForms(forms.BaseInlineFormSet):
    def _construct_form(self, i: int, **options: Any) -> Any:
        form = super()._construct_form(i, **options)  # type: ignore[misc]
        form.table = self.instance
        return form


class Links(admin.StackedInline):
    model = Link
    form = LinkForm
    formset = LinkForms
    fk_name = "table"
    fields = (
        ("columns", "target", "target_columns"), ("when", "role", "state"), "reason",
    )  # fmt: skip
    readonly_fields = ("reason",)
    extra = 0
    verbose_name = "link"
    verbose_name_plural = "Rows it refers to"
