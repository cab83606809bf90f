"""What the ground floor stores. Django finds models by importing this list."""

from privacy.models.apikeys import ApiKey
from privacy.models.audit import AuditEvent, TrailVerification
from privacy.models.datamap import Column, Link, Table
from privacy.models.disclosures import Disclosure, LegalProcess
from privacy.models.factors import Factor, FactorReset, RecoveryCode, SignInTry
from privacy.models.holds import Hold, HoldReceipt
from privacy.models.identifiers import Identifier, OwnerPeriod
from privacy.models.incidents import (
    Incident,
    IncidentPeriod,
    IncidentPerson,
    IncidentReach,
    IncidentRule,
    IncidentStep,
)
from privacy.models.leftovers import Leftover
from privacy.models.objections import Objection
from privacy.models.periods import KeepingPeriod
from privacy.models.plans import Certificate, Plan, PlannedRow, Range
from privacy.models.policy import Category, PolicyVersion, Purpose, Source
from privacy.models.promises import Acknowledgement, Promise, PromiseCheck
from privacy.models.providers import Duty, Instruction, Provider
from privacy.models.retention import Rule
from privacy.models.stores import Store
from privacy.models.transfers import InternationalTransfer
from privacy.models.undo import Undo, UndoCopy, UndoFile, UndoPeriod

__all__ = [
    "Acknowledgement",
    "ApiKey",
    "AuditEvent",
    "Category",
    "Certificate",
    "Column",
    "Disclosure",
    "Duty",
    "Factor",
    "FactorReset",
    "Hold",
    "HoldReceipt",
    "Identifier",
    "Incident",
    "IncidentPeriod",
    "IncidentPerson",
    "IncidentReach",
    "IncidentRule",
    "IncidentStep",
    "Instruction",
    "InternationalTransfer",
    "KeepingPeriod",
    "Leftover",
    "LegalProcess",
    "Link",
    "Objection",
    "OwnerPeriod",
    "Plan",
    "PlannedRow",
    "PolicyVersion",
    "Promise",
    "PromiseCheck",
    "Provider",
    "Purpose",
    "Range",
    "RecoveryCode",
    "Rule",
    "SignInTry",
    "Source",
    "Store",
    "Table",
    "TrailVerification",
    "Undo",
    "UndoCopy",
    "UndoFile",
    "UndoPeriod",
]
