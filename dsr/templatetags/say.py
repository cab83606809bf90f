"""`{% say "form.title" %}`: a sentence in the language of the page."""

from typing import Any

from django import template
from django.template import Context

from dsr import languages

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Context, name: str, **values: Any) -> str:
    return languages.say(context["language"], name, **values)
