"""Authorised agents of the Data Rights Protocol: whose signatures we trust."""

import base64
import binascii
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from dsr.models import Agent
from privacy.admin.base import AuditedAdmin

KEY_BYTES = 32


class AgentForm(forms.ModelForm):
    class Meta:
        labels = {
            "web_url": "Web address",
            "identity_assurance_url": "Page on how it verifies people",
            "is_trusted": "Trusted",
        }

    def clean_verify_key(self) -> str:
        """An Ed25519 public key has 32 bytes."""
        text = str(self.cleaned_data["verify_key"]).strip()
        try:
            raw = base64.b64decode(text, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise forms.ValidationError("Write the 32 bytes of the key as base64.")
        return text


@admin.register(Agent)
class AgentAdmin(AuditedAdmin):
    nothing_yet = (
        "No agents yet. An agent that uses the Data Rights Protocol needs its key here."
    )
    form = AgentForm
    list_display = ("code", "name", "web_url", "is_trusted", "token_made_at")
    readonly_fields = ("token_made_at",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An agent stops being trusted; its requests stay."""
        return False
