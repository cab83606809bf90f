"""When somebody is reminded of a request, and who: settings of the house."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from dsr.models import ReminderRule
from privacy.admin.base import AuditedAdmin

ASSIGNEE = ("assignee", "Who has the request (Legal, if nobody has)")


def _people() -> list[tuple[str, str]]:
    roles = Group.objects.order_by("name").values_list("name", flat=True)
    return [ASSIGNEE, *((name, name) for name in roles)]


class ReminderRuleForm(forms.ModelForm):
    to = forms.MultipleChoiceField(
        label="Who is told", choices=_people, widget=forms.CheckboxSelectMultiple
    )


@admin.register(ReminderRule)
class ReminderRuleAdmin(AuditedAdmin):
    """A reminder is switched off, not deleted: what was sent keeps its name."""

    form = ReminderRuleForm
    list_display = ("name", "when", "who", "again", "is_active")
    fields = ("name", "days_before", "share", "to", "every", "is_active")

    @admin.display(description="when")
    def when(self, rule: ReminderRule) -> str:
        return rule.when

    @admin.display(description="who is told")
    def who(self, rule: ReminderRule) -> str:
        named = {ASSIGNEE[0]: "who has it"}
        return ", ".join(named.get(each, each) for each in rule.to)

    @admin.display(description="again")
    def again(self, rule: ReminderRule) -> str:
        if not rule.every:
            return "no"
        return "every day" if rule.every == 1 else f"every {rule.every} days"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
