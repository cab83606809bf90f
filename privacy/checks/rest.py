"""Encrypted at rest: everything is sealed with the current key, and nothing is in
clear.

It looks at the tables of every installed app, which it finds by their fields.
"""

import datetime as dt
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BinaryField, CharField, F, Min, TextField
from django.db.models.functions import Cast, Substr
from django.urls import reverse

from privacy import promises
from privacy.models import Identifier
from privacy.models.sealing import VERSION, SealedField, ring, sealing_keys
from privacy.promises import Evidence, Outcome, Remedy

OURS = ("privacy", "consent", "dsr")
TEXTS = (CharField, TextField, models.JSONField, ArrayField)
# E.164 with its plus sign, or an e-mail address.
READABLE = r"(^|[^0-9A-Za-z+/])\+[1-9][0-9]{9,14}($|[^0-9])|[\w.+-]+@[\w-]+\.[\w.-]+"
# What is public by nature, as app.model.field: published text, and our own numbers
# and addresses in the programs that people are told of.
PUBLIC = {
    "privacy.policyversion.text",
    "consent.program.numbers",
    "consent.program.help_text",
    "consent.program.opt_in_text",
    "consent.program.opt_out_text",
    "consent.program.clarify_text",
    "consent.programtext.help_text",
    "consent.programtext.opt_in_text",
    "consent.programtext.opt_out_text",
    "consent.programtext.clarify_text",
    "consent.ruleversion.said",  # of programs, too
    "consent.inboundmessage.our_number",
    "consent.inboundmessage.reply",
    "consent.event.evidence",  # names our number
}
# NIST SP 800-57 Part 1 Rev. 5, 5.3.6: a key encrypts for two years at most.
KEY_AGE = dt.timedelta(days=730)

ROTATE = Remedy(
    "Whoever runs the portal finishes changing the keys; docs/operations.md says how."
)
LEAK = Remedy(
    "Note which page or command put it there and tell whoever develops the portal; "
    "then remove it from the text."
)


@promises.register("encrypted-rest")
def encrypted_rest(now: dt.datetime) -> Outcome:
    found = [*_other_keys(), *_old_digests(), *_in_clear(), *_aged_key(now)]
    if found:
        return promises.broken("Not everything is sealed with the current key.", *found)
    return promises.kept(
        "Everything is sealed with the current key; nothing is stored in clear."
    )


def _other_keys() -> Iterator[Evidence]:
    """Rows sealed with an older key, or not sealed at all."""
    name = next(iter(sealing_keys()))
    head = VERSION + bytes([len(name)]) + name.encode()
    for model, field in _fields(SealedField):
        start = Substr(F(field.name), 1, len(head), output_field=BinaryField())
        sealed = model._default_manager.filter(**{f"{field.name}__isnull": False})
        other = sealed.annotate(start=start).exclude(start=head).count()
        if other:
            sentence = f"{_name(model, field)} is not sealed with the current key"
            yield Evidence(sentence, other, remedy=ROTATE)


def _old_digests() -> Iterator[Evidence]:
    current = next(iter(ring(tuple(settings.IDENTIFIER_KEYS))))
    old = Identifier.objects.exclude(key_id=current).count()
    if old:
        url = reverse("admin:privacy_identifier_changelist")
        sentence = "Identifiers are found by the digest of an older key"
        yield Evidence(sentence, old, url, remedy=ROTATE)


def _in_clear() -> Iterator[Evidence]:
    """Phone numbers and e-mail addresses in clear in the portal's own text."""
    for model, field in _fields(TEXTS):
        if _name(model, field) in PUBLIC:
            continue
        text = Cast(F(field.name), TextField())
        rows = model._default_manager.annotate(as_text=text)
        clear = rows.filter(as_text__iregex=READABLE).count()
        if clear:
            sentence = f"{_name(model, field)} holds an identifier"
            yield Evidence(sentence, clear, remedy=LEAK)


def _aged_key(now: dt.datetime) -> Iterator[Evidence]:
    """A key is as old as the first identifier sealed with it."""
    current = next(iter(ring(tuple(settings.IDENTIFIER_KEYS))))
    under_it = Identifier.objects.filter(key_id=current)
    first = under_it.aggregate(at=Min("created_at"))["at"]
    if first is not None and now - first > KEY_AGE:
        sentence = "The current key has been in use for more than two years"
        yield Evidence(sentence, 1, remedy=ROTATE)


def _fields(
    kind: type | tuple[type, ...],
) -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in apps.get_models():
        if model._meta.app_label in OURS and model._meta.managed:
            for field in model._meta.concrete_fields:
                if isinstance(field, kind):
                    yield model, field


def _name(model: type[models.Model], field: models.Field) -> str:
    return f"{model._meta.label_lower}.{field.name}"
