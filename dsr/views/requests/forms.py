"""The form in its reader's language, and what becomes of what they fill in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django import forms
from django.core.files.uploadedfile import UploadedFile

from dsr import appeals, deadlines, languages, submissions, uploads
from dsr.models import Representative, Right
from dsr.representatives import Acting
from dsr.submissions import Submission
from dsr.uploads import File, WrongFile
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier

PLACES = Path(__file__).resolve().parents[2] / "rules" / "places.yaml"
GROUPS = {
    "rights_data": (
        Right.ACCESS, Right.PORTABILITY, Right.RECTIFICATION, Right.ERASURE,
    ),
    "rights_use": (
        Right.OBJECTION_MARKETING, Right.OPT_OUT_SALE, Right.OPT_OUT_TARGETED_ADS,
        Right.OPT_OUT_PROFILING, Right.LIMIT_SENSITIVE, Right.CONSENT_WITHDRAWAL,
        Right.RESTRICTION, Right.OBJECTION, Right.AUTOMATED_DECISION,
    ),
    "rights_handling": (Right.APPEAL, Right.COMPLAINT),
}  # fmt: skip
MOST_MARKS = 10
WRONG = {
    uploads.TooManyFiles: "too_many_files",
    uploads.TooLarge: "file_too_large",
    uploads.UnknownType: "file_type",
    uploads.Empty: "file_empty",
}
LIMITS = {
    "number": uploads.MOST_FILES,
    "size": uploads.MOST_BYTES // uploads.MEGABYTE,
}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, in the domain's type."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        given = [each for each in data or [] if isinstance(each, UploadedFile)]
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"])
        return [File(f.name or "", f.read(), f.size or 0) for f in given]


class Worded(forms.Form):
    """Labels and help in the language of the page."""

    def __init__(self, *args: Any, language: str, **named: Any) -> None:
        super().__init__(*args, **named)
        self.language = language
        self.use_required_attribute = False  # our own words say what is missing
        for name, field in self.fields.items():
            words = languages.group(language, self.group(name))
            field.label = words[name]
            field.help_text = words.get(f"{name}_help", "").format_map(LIMITS)

    def group(self, name: str) -> str:
        return "form"

    def word(self, name: str, **values: Any) -> str:
        return languages.say(self.language, f"form.{name}", **(LIMITS | values))

    def checked(self, files: list[File]) -> list[File]:
        try:
            uploads.check(files)
        except WrongFile as wrong:
            raise forms.ValidationError(self.word(WRONG[type(wrong)])) from None
        return files


class Question(Worded):
    """A request as a person makes it."""

    rights = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False
    )
    capacity = forms.ChoiceField(widget=forms.RadioSelect, initial="self")
    place = forms.ChoiceField()
    name = forms.CharField(max_length=200, required=False)
    phone = forms.CharField(max_length=40, required=False)
    email = forms.CharField(max_length=254, required=False)
    more = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    words = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    against = forms.RegexField(appeals.NUMBER, strip=True, required=False)
    reply = forms.EmailField(max_length=254, required=False)
    acting_name = forms.CharField(max_length=200, required=False)
    acting_organization = forms.CharField(max_length=200, required=False)
    acting_attorney = forms.BooleanField(required=False)
    documents = FilesField(required=False)
    trap = forms.CharField(required=False)

    FILLED_IN_BY_BROWSERS = {
        "name": "name", "phone": "tel", "email": "email", "reply": "email",
        "acting_name": "name", "acting_organization": "organization", "trap": "off",
    }  # fmt: skip

    def __init__(self, *args: Any, places: list[Any], **named: Any) -> None:
        super().__init__(*args, **named)
        rights = languages.group(self.language, "right")
        offered = submissions.rights_offered()
        self.fields["rights"].choices = [(code, rights[code]) for code in offered]  # type: ignore[attr-defined]
        capacities = ["self", *Representative.Capacity.values]
        self.fields["capacity"].choices = [(c, self.word(c)) for c in capacities]  # type: ignore[attr-defined]
        self.fields["place"].choices = [("", "—"), *places]  # type: ignore[attr-defined]
        for name, meaning in self.FILLED_IN_BY_BROWSERS.items():
            self.fields[name].widget.attrs["autocomplete"] = meaning
        missing = self.word("place_missing")
        self.fields["place"].error_messages["required"] = missing
        self.fields["against"].error_messages["invalid"] = self.word("not_a_number")
        self.fields["trap"].widget.attrs["tabindex"] = "-1"
        self.fields["phone"].widget.input_type = "tel"

    def clean_rights(self) -> list[str]:
        rights: list[str] = self.cleaned_data["rights"]
        if not rights:
            raise forms.ValidationError(self.word("rights_missing"))
        return rights

    def clean_phone(self) -> Mark | None:
        return self._mark("phone", identifiers.phone, "not_a_phone")

    def clean_email(self) -> Mark | None:
        return self._mark("email", identifiers.email, "not_an_email")

    def _mark(self, name: str, read: Any, wrong: str) -> Mark | None:
        text = self.cleaned_data[name].strip()
        try:
            return read(text) if text else None
        except NotAnIdentifier:
            raise forms.ValidationError(self.word(wrong)) from None

    def clean_more(self) -> list[Mark]:
        lines = [line.strip() for line in self.cleaned_data["more"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > MOST_MARKS:
            told = self.word("too_many_marks", most=MOST_MARKS)
            raise forms.ValidationError(told)
        marks = []
        for line in lines:
            try:
                marks.append(identifiers.understand(line))
            except NotAnIdentifier:
                told = self.word("not_understood", text=line[:60])
                raise forms.ValidationError(told) from None
        return marks

    def clean_documents(self) -> list[File]:
        return self.checked(self.cleaned_data["documents"])

    def clean_trap(self) -> str:
        if self.cleaned_data["trap"]:
            raise forms.ValidationError(self.word("trap_filled"))
        return ""

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        named = ("phone", "email", "more")
        if all(name in given and not given[name] for name in named):
            self.add_error("phone", self.word("nobody"))
        return given

    def submission(self) -> Submission:
        given = self.cleaned_data
        marks = [m for m in (given["phone"], given["email"], *given["more"]) if m]
        typed = given["email"].value if given["email"] else ""
        return Submission(
            rights=given["rights"],
            regime=given["place"],
            marks=list(dict.fromkeys(marks)),
            language=self.language,
            name=given["name"].strip(),
            email=given["reply"] or typed,
            words=given["words"].strip(),
            acting=self._acting(),
            files=given["documents"],
            against=given["against"],
        )

    def sections(self) -> list[dict[str, Any]]:
        """In the order of the page: a title, help, and the fields below it."""
        return [
            self._section("who", "capacity", "place"),
            self._section("find", "name", "phone", "email", "more"),
            self._section("", "words", "against", "reply"),
            self._section(
                "acting",
                "acting_name",
                "acting_organization",
                "acting_attorney",
                "documents",
            ),
        ]

    def _section(self, title: str, *names: str) -> dict[str, Any]:
        words = languages.group(self.language, "form")
        return {
            "title": words.get(title, ""),
            "help": words.get(f"{title}_help", ""),
            "fields": [self[name] for name in names],
        }

    def right_groups(self) -> list[dict[str, Any]]:
        """Rights in groups, each with what it means."""
        words = languages.group(self.language, "right")
        offered, ticked = submissions.rights_offered(), self["rights"].value() or []
        groups = []
        for title, rights in GROUPS.items():
            lines = [
                {
                    "code": right.value,
                    "label": words[right],
                    "help": words[f"{right}_help"],
                    "ticked": right.value in ticked,
                }
                for right in rights
                if right in offered
            ]
            groups.append({"title": self.word(title), "rights": lines})
        return [group for group in groups if group["rights"]]

    def _acting(self) -> Acting | None:
        given = self.cleaned_data
        if given["capacity"] == "self":
            return None
        return Acting(
            capacity=given["capacity"],
            name=given["acting_name"].strip(),
            organization=given["acting_organization"].strip(),
            email=given["reply"],
            has_power_of_attorney=given["acting_attorney"],
        )


def places(regimes: Mapping[str, str], language: str) -> list[Any]:
    """The laws in force as places where somebody lives: countries first, then the
    states of the USA together, then everywhere else."""
    words = languages.group(language, "place")
    named = [(code, text) for code, text in words.items() if code in regimes]
    abroad = [each for each in named if each[0] != deadlines.OUR_PROMISE]
    rest = [each for each in named if each not in abroad]
    usa = (languages.say(language, "form.usa"), _states(regimes, language))
    return [*abroad, usa, *rest]


def _states(regimes: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """In the order of their names in that language."""
    known = yaml.safe_load(PLACES.read_text())
    states = [(code, names) for code, names in known.items() if code in regimes]
    said = [(code, names.get(language, names["en"])) for code, names in states]
    return sorted(said, key=lambda each: each[1])
