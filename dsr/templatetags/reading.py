"""`{% reads ticket %}`: the language that our letters to them are written in."""

from django import template

from dsr import languages, links
from dsr.models import Ticket

register = template.Library()
IN_ENGLISH = {"en": "English", "es": "Spanish", "fr": "French", "de": "German"}


@register.simple_tag
def reads(ticket: Ticket) -> str:
    """As staff call it."""
    language = links.language_of(ticket)
    return IN_ENGLISH.get(language, languages.LANGUAGES[language])
