"""Programs: an ordinary form, whose saves are recorded."""

from django.contrib import admin

from consent.models import Program
from privacy.admin.base import AuditedAdmin


@admin.register(Program)
class ProgramAdmin(AuditedAdmin):
    list_display = ["name", "numbers_", "purpose", "monthly_cap"]
    list_filter = ["purpose"]
    search_fields = ["name", "organization"]
    fieldsets = [
        (None, {"fields": ["name", "organization", "numbers", "purpose"]}),
        ("What we answer", {"fields": ["help_text", "opt_out_text", "opt_in_text"]}),
        ("How often, how long", {"fields": ["monthly_cap", "consent_months"]}),
    ]

    @admin.display(description="Numbers")
    def numbers_(self, program: Program) -> str:
        return ", ".join(program.numbers) or "any other number"
