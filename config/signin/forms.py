"""The forms of the sign-in pages."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from dsr.rate import place
from privacy import signins
from privacy.refusals import Refusal


class PasswordForm(AdminAuthenticationForm):
    """Django's, but attempts are counted and audited."""

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.request is not None and {"username", "password"} <= said.keys():
            try:
                self.user_cache = signins.by_password(
                    request=self.request,
                    name=said["username"],
                    password=said["password"],
                    place=place(self.request),
                    now=timezone.now(),
                )
            except Refusal as refusal:
                raise ValidationError(str(refusal)) from None
        return said


class CodeForm(forms.Form):
    """Recognised by the password managers of browsers (HTML, autocomplete)."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits your app shows now, or one of your recovery codes.",
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "one-time-code",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )


class SetUpForm(CodeForm):
    """While signing in, the password was just given."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["code"].help_text = "The six digits the app shows now."
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class HandedForm(SetUpForm):
    """After a reset the password alone is not enough."""

    handed = forms.CharField(
        label="The code you were given",
        max_length=40,
        help_text="Sixteen letters and digits, from the person who reset your second "
        "factor.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )


class OwnPasswordForm(AdminPasswordChangeForm):
    """The old password is checked where attempts are counted, not here."""

    def clean_old_password(self) -> str:
        return str(self.cleaned_data["old_password"])


class ConfirmForm(forms.Form):
    """An unlocked screen is not enough to change how somebody signs in."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True}
        ),
    )


class OwnAppForm(SetUpForm):
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AnswerForm(forms.Form):
    """The page's script fills in what the browser's passkey answers."""

    answer = forms.CharField(required=False, widget=forms.HiddenInput)


class OwnAnswerForm(ConfirmForm, AnswerForm):
    pass
