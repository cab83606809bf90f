"""Why something may leave: to a recipient with a contract, or by legal process."""

from typing import Any, NamedTuple

from rest_framework import serializers


class Ground(NamedTuple):
    """What the gate asks (`gate.Transfer`), beside the fields."""

    recipient: str = ""
    purpose: str = "compliance"
    process: str = ""


class GroundRequest(serializers.Serializer[Any]):
    """The same in a body of the API, and the reason, which is recorded."""

    recipient = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=120,
        help_text="One with a contract on file.",
    )
    process = serializers.CharField(
        default="", allow_blank=True, max_length=120, help_text="Or a legal process."
    )
    purpose = serializers.CharField(default="compliance", max_length=60)
    reason = serializers.CharField(max_length=200, help_text="It is recorded.")

    @property
    def ground(self) -> Ground:
        said = self.validated_data
        return Ground(said["recipient"], said["purpose"], said["process"])
