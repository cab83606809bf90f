"""Who may do what: four roles, each with no more than its work needs.

The table is the whole truth about the roles. Loading it gives each group exactly these
permissions and removes all others, so permissions granted by hand do not last.
"""

import datetime as dt
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Q

MOST_NAMED = 10
BACKEND = "django.contrib.auth.backends.ModelBackend"
BOARD = ("privacy.view_promise", "privacy.view_promisecheck")
PLANNING = ("privacy.view_plan", "privacy.add_plan", "privacy.approve_plan")

# Role to permissions; * stands for any letters. Names of a floor that is not installed
# grant nothing.
ROLES: dict[str, tuple[str, ...]] = {
    "Legal": (
        *BOARD,
        *PLANNING,
        "privacy.add_promisecheck",
        "privacy.view_acknowledgement",
        "privacy.add_acknowledgement",
        "privacy.view_auditevent",
        "privacy.view_certificate",
        "privacy.view_identifier",
        "privacy.reveal_identifier",
        "privacy.view_leftover",
        "privacy.change_leftover",
        "privacy.*_ownerperiod",
        "privacy.view_hold",
        "privacy.add_hold",
        "privacy.change_hold",
        "privacy.view_store",
        "privacy.view_table",
        "privacy.view_column",
        "privacy.view_link",
        "privacy.view_rule",
        "privacy.view_undoperiod",
        "privacy.view_policyversion",
        "privacy.view_category",
        "privacy.view_source",
        "privacy.view_purpose",
        "privacy.view_provider",
        "privacy.agree_provider",
        "privacy.view_internationaltransfer",
        "privacy.view_disclosure",
        "privacy.view_legalprocess",
        "privacy.add_legalprocess",
        "privacy.view_incident",
        "privacy.add_incident",
        "privacy.change_incident",
        "privacy.view_incidentrule",
        "privacy.change_incidentrule",
        "privacy.view_incidentperiod",
        "privacy.change_incidentperiod",
        "privacy.preview_incidentperiod",
        "privacy.view_instruction",
        "privacy.change_instruction",
        "consent.view_*",
        "consent.add_cookie",
        "consent.change_cookie",
        "consent.add_keyword",
        "consent.change_keyword",
        "consent.add_scoperule",
        "consent.change_scoperule",
        "consent.add_honourrule",
        "consent.change_honourrule",
        "consent.add_phrase",
        "consent.change_phrase",
        "consent.change_wordlist",
        "consent.add_recordingrule",
        "consent.change_recordingrule",
        "consent.add_hoursrule",
        "consent.change_hoursrule",
        "consent.add_donotcallrule",
        "consent.change_donotcallrule",
        "consent.add_registryrule",
        "consent.change_registryrule",
        "consent.add_dealingrule",
        "consent.change_dealingrule",
        "consent.add_wording",
        "consent.change_wording",
        "consent.add_program",
        "consent.change_program",
        "consent.change_keepingrule",
        "consent.preview_keepingrule",
        "consent.add_ledgermonth",
        "consent.approve_ledgermonth",
        "consent.agree_endpoint",
        "dsr.*",
    ),
    "Support": (
        *BOARD,
        "consent.view_standing",
        "consent.view_event",
        "consent.add_event",
        "consent.view_listing",
        "consent.view_reassignedanswer",
        "consent.view_inboundmessage",
        "consent.view_blocklist",
        "consent.view_listupload",
        "dsr.view_ticket",
    ),
    "Privacy engineer": (
        *BOARD,
        *PLANNING,
        "privacy.add_promisecheck",
        "privacy.view_certificate",
        "privacy.view_store",
        "privacy.add_store",
        "privacy.change_store",
        "privacy.view_table",
        "privacy.change_table",
        "privacy.view_column",
        "privacy.change_column",
        "privacy.*_link",
        "privacy.view_identifier",
        "privacy.*_ownerperiod",
        "privacy.view_rule",
        "privacy.add_rule",
        "privacy.change_rule",
        "privacy.view_undoperiod",
        "privacy.add_undoperiod",
        "privacy.change_undoperiod",
        "privacy.view_hold",
        "privacy.view_provider",
        "privacy.add_provider",
        "privacy.change_provider",
        "privacy.agree_provider",
        "privacy.*_internationaltransfer",
        "privacy.view_disclosure",
        "privacy.view_incident",
        "privacy.add_incident",
        "privacy.view_incidentperiod",
        "privacy.view_incidentrule",
        "privacy.view_instruction",
        "consent.*_messagelog",
        "consent.view_endpoint",
        "consent.add_endpoint",
        "consent.change_endpoint",
        "consent.agree_endpoint",
        "consent.view_delivery",
        "consent.view_keepingrule",
        "consent.view_ledgermonth",
        "consent.add_ledgermonth",
        "consent.approve_ledgermonth",
        "privacy.view_apikey",
        "privacy.add_apikey",
        "privacy.change_apikey",
        "privacy.reset_factor",
        "auth.view_user",
        "privacy.view_category",
        "privacy.view_source",
        "privacy.view_purpose",
    ),
    "Auditor": ("privacy.view_*", "consent.view_*", "dsr.view_*", "auth.view_*"),
}
UNUSED_AFTER = dt.timedelta(days=90)


def load_groups() -> None:
    """Makes the four groups as the table says; a second call changes nothing."""
    with transaction.atomic():
        for role in ROLES:
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set(permissions_of(role))


def permissions_of(role: str) -> set[Permission]:
    """What the table gives a role, of the permissions that exist here."""
    return {
        permission
        for permission in Permission.objects.select_related("content_type")
        if any(fnmatchcase(_name(permission), pattern) for pattern in ROLES[role])
    }


def roles_with(permission: str) -> list[str]:
    """The roles that have the permission, in the table's order; if none, an
    administrator."""
    return [
        role
        for role, patterns in ROLES.items()
        if any(fnmatchcase(permission, pattern) for pattern in patterns)
    ]


def whose(permission: str) -> str:
    """The roles that have it, in words."""
    return " and ".join(roles_with(permission)) or "an administrator"


def who_else(permission: str, by: str) -> list[str]:
    """Colleagues who may do what `by` may not, for having done its first half; with
    too many to name, their roles."""
    others = User.objects.with_perm(permission, backend=BACKEND).filter(is_staff=True)
    names = others.exclude(username=by).order_by("username")
    told = list(names.values_list("username", flat=True)[: MOST_NAMED + 1])
    return told if len(told) <= MOST_NAMED else [whose(permission)]


def addresses(who: Q) -> list[str]:
    """E-mail addresses of these colleagues, each once."""
    found = User.objects.filter(who, is_active=True, is_staff=True).exclude(email="")
    return sorted(set(found.values_list("email", flat=True)))


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
