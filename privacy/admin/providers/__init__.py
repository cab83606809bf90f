"""Recipients of data, what each was told, and what it answered."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import outgoing
from privacy.admin.base import AuditedAdmin, Page
from privacy.admin.providers.instructions import InstructionAdmin
from privacy.models import Duty, InternationalTransfer, Provider
from privacy.providers import register

__all__ = ["InstructionAdmin", "ProviderAdmin"]


class ProviderForm(forms.ModelForm):
    duties = forms.MultipleChoiceField(
        label="Hears of",
        choices=Duty.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=Duty.values,
    )
    new_secret = forms.CharField(
        label="Secret",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="For the webhook (whsec_…), or a bearer token. Empty: unchanged.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        way, address = given.get("way"), given.get("address", "")
        if way in (Provider.Way.OPENDSR, Provider.Way.WEBHOOK):
            try:
                outgoing.check(address)
            except outgoing.NotAnAddress as refusal:
                self.add_error("address", str(refusal))
        if way == Provider.Way.MAIL and "@" not in address:
            self.add_error("address", "Write an e-mail address.")
        if not register.is_colleague(given.get("owner", "")):
            self.add_error("owner", str(register.NoSuchColleague()))
        if way == Provider.Way.WEBHOOK and not self.instance.secret:
            self.add_error("new_secret", "A webhook is signed with a secret.")
        if self._leads_elsewhere(given):
            self.add_error(
                "new_secret", "The secret belonged to the old address: enter it again."
            )
        return given

    def _leads_elsewhere(self, given: dict[str, Any]) -> bool:
        """The stored bearer token is sent to the address as it is. So whoever changes
        the address must enter the token again: otherwise they could have it sent to
        themselves."""
        was = self.instance
        if given.get("new_secret") or not (was.pk and was.secret):
            return False
        if given.get("way") != Provider.Way.OPENDSR:
            return False
        return bool({"way", "address"} & set(self.changed_data))

    def clean_new_secret(self) -> str:
        """A secret is write-only; an empty field leaves it unchanged."""
        given = str(self.cleaned_data["new_secret"])
        if given:
            self.instance.secret = given
        return given


class Transfers(admin.TabularInline):
    model = InternationalTransfer
    extra = 0
    verbose_name = "country"
    verbose_name_plural = "where it processes the data"


OF_THE_HOUSE = {"owner", "remind_after", "duties"}  # nothing more leaves by these


def agree(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Agrees to the recipient as it stands: what it may be given, for what, and where
    it goes."""
    row: Provider = model_admin.row(request, object_id)
    by = request.user.get_username()
    register.agree(provider=row, by=by, now=timezone.now())
    return model_admin.done(request, "Agreed.", row.pk)


@admin.register(Provider)
class ProviderAdmin(AuditedAdmin):
    form = ProviderForm
    pages = (
        Page(
            agree,
            "Agree to the change",
            "privacy.agree_provider",
            offered=lambda row: bool(row.changed_by),
            needs_another=lambda row, by: by in row.changed_by,
            at_once=True,
        ),
    )
    readonly_fields = ("changed_by",)
    inlines = (Transfers,)
    nothing_yet = (
        "Nobody is listed yet. Add everybody who receives personal data from us: each "
        "is then told of erasures, corrections and restrictions."
    )
    list_display = ("name", "way", "owner", "remind_after", "is_active", "is_agreed")
    filter_horizontal = ("categories", "purposes")
    fieldsets = (
        (None, {"fields": ("name", "owner", "is_active", "changed_by")}),
        (
            "What it may receive",
            {"fields": ("contract", "contract_ends", "purposes", "categories")},
        ),
        (
            "How it is told",
            {
                "fields": (
                    "way", "address", "new_secret", "certificate", "duties",
                    "remind_after",
                )
            },
        ),
    )  # fmt: skip

    @admin.display(boolean=True, description="agreed")
    def is_agreed(self, row: Provider) -> bool:
        return not row.changed_by

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        moved = set(form.changed_data) - OF_THE_HOUSE
        if moved or any(each.has_changed() for each in formsets):
            by = request.user.get_username()
            register.changed(provider=form.instance, by=by)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What it was told stays on record; make it inactive instead."""
        return False
