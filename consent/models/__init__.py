"""What the consent floor stores. Django finds models by importing this list."""

from consent.models.blocklists import Blocked, BlockList
from consent.models.browser import Cookie, SignalDay, StrayCookie
from consent.models.dealings import Dealing, DealingRule
from consent.models.exports import ListExport, ListPiece
from consent.models.honour import HonourLook, HonourRule, LateOptOut
from consent.models.hours import HoursRule
from consent.models.imports import Chunk, Import
from consent.models.inbox import InboundMessage, Segment
from consent.models.keeping import KeepingRule, LedgerMonth
from consent.models.keywords import Keyword, Phrase, WordList
from consent.models.late import LateMessage
from consent.models.ledger import Channel, Event, LedgerLine, Standing, Utterance
from consent.models.listings import DoNotCallRule, Listing, ListingBefore, RegistryRule
from consent.models.logs import MessageLog, OptLog
from consent.models.programs import Program, ProgramText
from consent.models.reassigned import ReassignedAnswer
from consent.models.recording import RecordingRule
from consent.models.scopes import ScopeRule
from consent.models.telling import Delivery, Endpoint
from consent.models.uploads import ListResult, ListUpload
from consent.models.versions import RuleVersion
from consent.models.wording import Wording

__all__ = [
    "BlockList",
    "Blocked",
    "Channel",
    "Chunk",
    "Cookie",
    "Dealing",
    "DealingRule",
    "Delivery",
    "DoNotCallRule",
    "Endpoint",
    "Event",
    "HonourLook",
    "HonourRule",
    "HoursRule",
    "Import",
    "InboundMessage",
    "KeepingRule",
    "Keyword",
    "LateMessage",
    "LateOptOut",
    "LedgerLine",
    "LedgerMonth",
    "ListExport",
    "ListPiece",
    "ListResult",
    "ListUpload",
    "Listing",
    "ListingBefore",
    "MessageLog",
    "OptLog",
    "Phrase",
    "Program",
    "ProgramText",
    "ReassignedAnswer",
    "RecordingRule",
    "RegistryRule",
    "RuleVersion",
    "ScopeRule",
    "Segment",
    "SignalDay",
    "Standing",
    "StrayCookie",
    "Utterance",
    "WordList",
    "Wording",
]
