"""`{% reads ticket %}`: the language that our letters to them are written in."""

from django import template

from dsr import languages, links
from dsr.models import Ticket

register = template.Library()


@register.simple_tag
def reads(ticket: Ticket) -> str:
    return language_name(links.language_of(ticket))


@register.simple_tag
def language_name(language: str) -> str:
    """As staff call it."""
    return languages.in_english(language)
