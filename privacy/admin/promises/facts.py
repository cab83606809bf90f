"""Where each promise's evidence can be read. Lists of the upper floors are named here,
not imported."""

from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.text import capfirst

FACTS: dict[str, tuple[str, ...]] = {
    "collect-declared": ("privacy.category", "privacy.table", "privacy.column"),
    "payment-limited": ("privacy.column", "privacy.plan"),
    "geo-coarse": ("privacy.column", "privacy.rule"),
    "professional-optional": ("privacy.column",),
    "credentials-safe": ("privacy.column",),
    "sources-known": ("privacy.source", "privacy.column", "consent.event"),
    "purpose-basis": ("privacy.purpose", "privacy.column"),
    "analytics-deidentified": ("privacy.table", "privacy.rule"),
    "marketing-optout": ("consent.latemessage", "consent.standing", "consent.event"),
    "no-sell-no-share": ("privacy.disclosure", "privacy.provider"),
    "disclose-necessary": ("privacy.provider", "privacy.disclosure"),
    "legal-process": ("privacy.legalprocess", "privacy.disclosure"),
    "cookies-declared": ("consent.cookie", "consent.straycookie", "consent.signalday"),
    "analytics-clean": ("privacy.table",),
    "stop-honoured": (
        "consent.latemessage",
        "consent.lateoptout",
        "consent.event",
        "consent.keyword",
        "consent.honourrule",
    ),
    "help-answered": ("consent.inboundmessage", "consent.program"),
    "frequency": ("consent.program",),
    "rates-disclosed": ("consent.program", "consent.wording"),
    "optin-logs-5y": ("consent.event", "consent.keepingrule", "consent.ledgermonth"),
    "retained-no-longer": ("privacy.rule", "privacy.plan", "privacy.hold"),
    "gone-means-gone": ("privacy.plan", "privacy.leftover"),
    "encrypted-transit": ("privacy.store",),
    "encrypted-rest": ("privacy.identifier",),
    "least-privilege": ("auth.user", "privacy.auditevent"),
    "breach-notified": ("privacy.incident", "privacy.incidentrule"),
    "transfers-safeguarded": ("privacy.provider",),
    "rights-us": ("dsr.ticket", "dsr.deadlinerule", "dsr.ground"),
    "rights-eu-uk": ("dsr.ticket", "dsr.deadlinerule", "dsr.ground"),
    "requests-by-mail": ("dsr.mail",),
    "no-retaliation": ("dsr.ticket", "privacy.table"),
    "notice-public": ("privacy.policyversion", "consent.cookie"),
}


def seen_by(reader: Any, code: str) -> list[tuple[str, str]]:
    """Title and address of each list that this person may open."""
    models = [apps.get_model(name) for name in FACTS.get(code, ())]
    return [
        (
            capfirst(model._meta.verbose_name_plural),
            reverse(
                f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
            ),
        )
        for model in models
        if reader.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    ]
