"""What a mail seems to ask: request or not, which rights, whose law, how certain.

It never decides alone: what is not clear waits for a person (`Understanding.doubts`).
"""

from dsr.mailbox import laws, learned, seconding, whose, words
from dsr.mailbox.letter import Letter
from dsr.mailbox.rules import Kind, any_of, rules
from dsr.mailbox.understood import (
    CERTAIN,
    GUESS,
    HINTED,
    LIKELY,
    Understanding,
)

FEW_WORDS = 12  # a mail this short with a file says nothing itself


def understand(letter: Letter) -> Understanding:
    """By the headers first, then by signs that it is not a request, then by the rights
    asked."""
    told = words.readable(letter)
    found = _of_machines(letter, told)
    if found is None:
        passed_on = words.one_line(letter.quoted) if letter.is_passed_on else ""
        read = learned.read(f"{told} . {passed_on}")
        found = _by_rules(letter, told, read)
        seconding.second(found, read)
    found.language = words.language_of(f"{letter.subject} {letter.text}")
    found.is_authentic, found.is_cut = not is_suspicious(letter), letter.is_cut
    found.is_ours = letter.sender in letter.to
    found.is_unanswerable = is_unanswerable(letter)
    whose.settle(found, letter, told)
    return found


def _by_rules(letter: Letter, told: str, read: seconding.Read) -> Understanding:
    return (
        _of_no_person(letter, told, beating=True)
        or _unsubscribing(letter)
        or _going_on(told)
        or _request(letter, told, read)
        or _closing(told)
        or _of_no_person(letter, told, beating=False)
        or _unread(letter)
    )


def _of_machines(letter: Letter, told: str) -> Understanding | None:
    signs, headers = rules().signs, letter.headers
    if letter.is_report or signs["bounce"].search(letter.sender):
        found = _waiting("bounce", "One of our mails could not be delivered.", CERTAIN)
        found.expects = "flag_ticket"
        return found
    if _is_answered(letter) or (_is_made(letter) and not words.rights_in(told).types):
        return _aside("auto_reply", "It is an automatic reply.")
    if is_suspicious(letter) and signs["login_bait"].search(told):
        return _aside(
            "phishing",
            "The sender is not who they claim to be, and wants log-in details.",
        )
    listed = {"list-unsubscribe", "list-id"} & set(headers)
    bulk = headers.get("precedence", "").lower() in ("bulk", "list", "junk")
    if listed or bulk or (is_unanswerable(letter) and not words.rights_in(told).types):
        if _is_personal(told):
            return _waiting(
                "newsletter", "It came through a mailing list, and may be a request."
            )
        return _aside("newsletter", "It was sent to a mailing list.")
    return None


def _is_answered(letter: Letter) -> bool:
    """An automatic answer to what we wrote (RFC 3834)."""
    headers = letter.headers
    answered = headers.get("auto-submitted", "").lower().startswith("auto-replied")
    automatic = "auto_reply" in headers.get("precedence", "").lower()
    told = rules().signs["auto_reply"].search(letter.subject)
    return bool(answered or automatic or told or "x-autoreply" in headers)


def _is_made(letter: Letter) -> bool:
    """Written by a program on its own; also what an agent's program asks for
    somebody."""
    return letter.headers.get("auto-submitted", "no").lower() != "no"


def is_unanswerable(letter: Letter) -> bool:
    """Nobody reads what is sent to the sender's address: a program writes, perhaps for
    somebody."""
    return bool(rules().signs["test_addresses"].search(letter.sender))


def answerable(letter: Letter) -> str:
    """Where an answer goes: nowhere, if a program wrote (RFC 3834), lest two programs
    answer each other."""
    no_return = letter.headers.get("return-path", "").strip() == "<>"
    by_program = is_unanswerable(letter) or _is_made(letter) or no_return
    return "" if by_program else letter.sender


def is_suspicious(letter: Letter) -> bool:
    """Our own mail server doubts the sender's address, or there are two."""
    said = letter.headers.get("authentication-results", "").lower()
    failed = "dmarc=fail" in said or ("spf=fail" in said and "dkim=pass" not in said)
    return failed or letter.senders > 1


def _is_personal(told: str) -> bool:
    return bool(rules().signs["mine"].search(told) and words.rights_in(told).types)


def _of_no_person(letter: Letter, told: str, *, beating: bool) -> Understanding | None:
    said = f"{letter.subject} . {told}"
    for kind in rules().kinds:
        if kind.beats_requests == beating and any_of(kind.patterns, said):
            return _of_kind(kind, is_personal=not beating and _is_personal(told))
    return None


def _of_kind(kind: Kind, *, is_personal: bool) -> Understanding:
    """Set aside only when it is certain and nothing in it is about the writer's
    data."""
    return Understanding(
        is_dsr=False,
        category=kind.category,
        reason=kind.reason,
        confidence=CERTAIN if kind.sure else LIKELY,
        expects=kind.expects,
        types=list(kind.types),
        is_set_aside=kind.sure and not is_personal,
    )


def _unsubscribing(letter: Letter) -> Understanding | None:
    if not rules().signs["unsubscribe"].search(letter.text or letter.subject):
        return None
    found = _waiting("unsubscribe", "They want to unsubscribe from a mailing list.")
    found.types, found.expects = ["consent_withdrawal"], "unsubscribe_mail"
    return found


def _going_on(told: str) -> Understanding | None:
    for kind, patterns in rules().going_on.items():
        if any_of(patterns, told):
            found = _asked(
                [kind], f"It continues an earlier request ({_listed([kind])})."
            )
            found.expects = "link_to_existing"
            return found
    return None


def _request(letter: Letter, told: str, read: seconding.Read) -> Understanding | None:
    asked = words.rights_in(told)
    if not asked.types:
        return _taking_back(told)
    other = _of_no_person(letter, told, beating=False)
    if other and not (asked.is_clear and rules().signs["own"].search(told)):
        return other
    if asked.types == ["consent_withdrawal"] and _is_about_texts(letter, told):
        found = _waiting("stop_request", "They want texts or calls to stop.")
        found.types, found.expects = asked.types, "apply_stop"
        return found
    found = _asked(asked.types, f"It asks for {_listed(asked.types)}.")
    agreed = not asked.is_open and seconding.agrees(asked.types, read)
    is_clear = asked.is_clear or agreed
    is_alone = not (other or letter.is_passed_on)
    if not (is_alone and is_clear and _is_plain(letter, told, asked.types)):
        found.confidence = HINTED
    return found


def _listed(types: list[str]) -> str:
    """For people: “erasure, consent withdrawal”."""
    return ", ".join(types).replace("_", " ")


def _is_plain(letter: Letter, told: str, types: list[str]) -> bool:
    """The writer's own data are meant, and not an invoice, a list or a colleague."""
    signs = rules().signs
    if not signs["mine"].search(told) or signs["thanked"].search(told):
        return False
    if not signs["own_data"].search(told):
        return False
    if laws.named(letter, told):
        return True
    return words.is_certain(told, types) and not signs["business"].search(told)


def _is_about_texts(letter: Letter, told: str) -> bool:
    return bool(rules().signs["stop_request"].search(f"{letter.subject} {told}"))


def _taking_back(told: str) -> Understanding | None:
    """All that it says of erasure is that it is not wanted: a guess, so it waits."""
    if not (words.is_denied(told) and rules().signs["mine"].search(told)):
        return None
    found = _asked(["withdrawal_of_request"], "It says that nothing may be erased.")
    found.expects, found.confidence = "link_to_existing", GUESS
    return found


def _closing(told: str) -> Understanding | None:
    signs = rules().signs
    if not (signs["thanks"].search(told) and signs["settled"].search(told)):
        return None
    found = _aside("thanks", "They thank us and want nothing.")
    found.expects = "link_to_existing"
    found.is_set_aside = False
    return found


def _unread(letter: Letter) -> Understanding:
    """Nothing that we understand; with a file, the request may be in there."""
    pointed = rules().signs["attached"].search(letter.text)
    if letter.attachments and (pointed or len(letter.text.split()) <= FEW_WORDS):
        reason = "The mail itself says nothing; the request may be in its attachment."
        types = words.rights_in(words.one_line(letter.in_files)).types
        found = _asked(types, reason)
        found.needs_attachment, found.confidence = True, GUESS
        return found
    if types := _passed_on(letter):
        found = _asked(types, "The forwarded message may be a request.")
        found.confidence = GUESS
        return found
    return _waiting("other", "No rule recognises what it asks for.", GUESS)


def _passed_on(letter: Letter) -> list[str]:
    """Somebody outside forwards a mail: whose it is, only a person can tell."""
    if not letter.is_passed_on:
        return []
    return words.rights_in(words.one_line(letter.quoted)).types


def _aside(category: str, reason: str) -> Understanding:
    found = Understanding(False, category, reason, CERTAIN, "no_ticket")
    found.is_set_aside = True
    return found


def _waiting(category: str, reason: str, confidence: float = LIKELY) -> Understanding:
    return Understanding(False, category, reason, confidence, "no_ticket")


def _asked(types: list[str], reason: str) -> Understanding:
    return Understanding(True, "dsr", reason, LIKELY, "open_ticket", types)
