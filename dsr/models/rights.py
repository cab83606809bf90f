"""What people may ask for, under the names that laws and mails use."""

from django.db import models


class Right(models.TextChoices):
    ACCESS = "access", "Access: a copy of their data"
    PORTABILITY = "portability", "Portability"
    ERASURE = "erasure", "Erasure"
    RECTIFICATION = "rectification", "Rectification"
    RESTRICTION = "restriction", "Restriction of processing"
    OBJECTION = "objection", "Objection"
    OBJECTION_MARKETING = "objection_marketing", "Objection to direct marketing"
    AUTOMATED_DECISION = "automated_decision", "Review of an automated decision"
    OPT_OUT_SALE = "opt_out_sale", "Opt-out of sale or sharing"
    OPT_OUT_TARGETED_ADS = "opt_out_targeted_ads", "Opt-out of targeted advertising"
    OPT_OUT_PROFILING = "opt_out_profiling", "Opt-out of profiling"
    LIMIT_SENSITIVE = "limit_sensitive", "Limit the use of sensitive data"
    CONSENT_WITHDRAWAL = "consent_withdrawal", "Withdrawal of consent"
    APPEAL = "appeal", "Appeal against a refusal"
    COMPLAINT = "complaint", "Complaint about our handling"

    @classmethod
    def planned(cls) -> list[str]:
        """Those that change rows of stores, which a plan lists first."""
        return [cls.ACCESS, cls.PORTABILITY, cls.ERASURE, cls.RECTIFICATION]
