"""What all screens share: pages, view-only facts, audited settings, fast lists."""

from privacy.admin.base.fields import TablesField
from privacy.admin.base.kinds import AuditedAdmin, ViewOnlyAdmin
from privacy.admin.base.lists import KeysetList, ListOfMillions, UncountedPaginator
from privacy.admin.base.pages import Page, PagesAdmin, attachment, require, shown_on
from privacy.admin.base.periods import PeriodAdmin

__all__ = [
    "AuditedAdmin",
    "KeysetList",
    "ListOfMillions",
    "Page",
    "PagesAdmin",
    "PeriodAdmin",
    "TablesField",
    "UncountedPaginator",
    "ViewOnlyAdmin",
    "attachment",
    "require",
    "shown_on",
]
