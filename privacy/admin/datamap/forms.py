"""The forms that classify one column, or many at once."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml
from django import forms
from django.utils.html import format_html, format_html_join

from privacy import changes, strategies
from privacy.datamap import acceptance, files
from privacy.models import Category, Column, Purpose, Source
from privacy.strategies import STRATEGIES


def settings_help() -> str:
    """Every treatment that takes settings, in the syntax of the form."""
    taking = [strategy for strategy in STRATEGIES.values() if strategy.parameters]
    lines = format_html_join(
        "",
        "<li>{}: {}</li>",
        (
            (s.label, "; ".join(f"{p.name} ({p.help})" for p in s.parameters))
            for s in taking
        ),
    )
    return format_html("Such as “years: 5, earliest: 1937”.<ul>{}</ul>", lines)


class ColumnForm(forms.ModelForm):
    """Classifies a column and sets its treatment."""

    purposes = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Purposes"
    )
    ending = forms.ChoiceField(
        required=False,
        label="Treatment",
        help_text="What happens to the value when its period is over.",
    )

    settings = forms.CharField(
        required=False,
        label="Its settings",
        help_text=settings_help(),
        widget=forms.TextInput(attrs={"size": 60}),
    )

    class Meta:
        model = Column
        fields = (
            "state", "category", "source", "purposes", "identifier", "attribute",
            "whose", "free_text", "not_personal", "ground",
        )  # fmt: skip
        widgets = dict.fromkeys(
            ("not_personal", "ground"), forms.Textarea(attrs={"rows": 2})
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        purposes = Purpose.objects.values_list("code", "title")
        labels = [(name, strategy.label) for name, strategy in STRATEGIES.items()]
        self._field("purposes", choices=purposes)
        self._field(
            "ending",
            choices=[("", "Not decided"), *labels],
            initial=self.instance.treatment.get("strategy", ""),
        )
        self._field("settings", initial=written(self.instance.treatment))

    def _field(self, name: str, **attributes: Any) -> None:
        for attribute, value in attributes.items():
            if name in self.fields:  # view-only screens have no fields to fill
                setattr(self.fields[name], attribute, value)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.treatment = self._treatment(said)
        if said.get("state") == Column.State.ACCEPTED:
            for field, sentence in acceptance.owing(said).items():
                self.add_error(field, sentence)
        return said

    def _treatment(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The treatment with its settings; refuses one that the column cannot take."""
        if not said.get("ending"):
            return {}
        try:
            settings = files.settings(said.get("settings", ""))
            treatment = strategies.read({"strategy": said["ending"], **settings})
            strategies.check(changes.place_of(self._place(said)), treatment)
        except strategies.Unsupported as error:
            self.add_error("settings" if said.get("settings") else "ending", str(error))
            return {}
        return treatment

    def _place(self, said: Mapping[str, Any]) -> Column:
        column = copy.copy(self.instance)
        column.identifier = said.get("identifier", "")
        return column

    def save(self, commit: bool = True) -> Any:
        self.instance.treatment = self.treatment
        return super().save(commit)


def written(treatment: Mapping[str, Any]) -> str:
    """Settings in the syntax of the form: `decimals: 1`."""
    settings = {k: v for k, v in treatment.items() if k != "strategy"}
    text = yaml.safe_dump(settings, default_flow_style=True, width=1000)
    return text.strip().removeprefix("{").removesuffix("}") if settings else ""


class ManyForm(forms.Form):
    """One answer for many columns; what is left empty stays as it is."""

    category_id = forms.ModelChoiceField(
        Category.objects.all(),
        required=False,
        label="Category",
        empty_label="Unchanged",
    )
    source_id = forms.ModelChoiceField(
        Source.objects.all(), required=False, label="Source", empty_label="Unchanged"
    )
    purposes = forms.ModelMultipleChoiceField(
        Purpose.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Purposes",
    )
    treatment = forms.ChoiceField(
        required=False,
        label="Treatment",
        help_text="What happens to the values when their period is over.",
    )
    ground = forms.CharField(
        required=False, label="Ground", help_text="Why values are kept, if they are."
    )
    not_personal = forms.CharField(
        required=False,
        label="Or: not personal, because",
        help_text="If you fill this in, everything above is removed.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = [(name, strategy.label) for name, strategy in STRATEGIES.items()]
        self.fields["treatment"].choices = [("", "Unchanged"), *labels]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """Only the fields that were filled in, as the domain function takes them."""
        clean = {name: value for name, value in self.cleaned_data.items() if value}
        for name in ("category_id", "source_id"):
            if name in clean:
                clean[name] = clean[name].pk
        if "purposes" in clean:
            clean["purposes"] = [purpose.code for purpose in clean["purposes"]]
        if "treatment" in clean:
            clean["treatment"] = {"strategy": clean["treatment"]}
        if "category_id" in clean:
            clean["not_personal"] = ""
        return clean
