"""How the platform's contract asks for a page of a list: order, filters, search."""

from typing import Any

from rest_framework import serializers

LONGEST = 320


def optional(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        default="", allow_null=True, allow_blank=True, max_length=LONGEST, **options
    )


class ExactMatchFilter(serializers.Serializer[Any]):
    field = serializers.CharField(max_length=64)
    value = serializers.JSONField(default=None, allow_null=True)


class RangeFilter(serializers.Serializer[Any]):
    field = serializers.CharField(max_length=64)
    greaterThan = serializers.JSONField(default=None, allow_null=True)
    greaterThanOrEqual = serializers.JSONField(default=None, allow_null=True)
    lessThan = serializers.JSONField(default=None, allow_null=True)
    lessThanOrEqual = serializers.JSONField(default=None, allow_null=True)


class OrderByOption(serializers.Serializer[Any]):
    field = serializers.CharField(max_length=64)
    direction = serializers.CharField(default="asc", allow_null=True, max_length=4)


class RequestDataOptions(serializers.Serializer[Any]):
    pageSize = serializers.IntegerField(default=0, min_value=0)
    continuationToken = serializers.CharField(
        default="", allow_null=True, allow_blank=True, max_length=200
    )
    orderBy = OrderByOption(many=True, default=list, allow_null=True)
    includeCount = serializers.BooleanField(default=False, allow_null=True)
    search = optional()
    searchFields = serializers.ListField(
        child=serializers.CharField(), default=list, allow_null=True
    )
    filters = ExactMatchFilter(many=True, default=list, allow_null=True)
    rangeFilters = RangeFilter(many=True, default=list, allow_null=True)


def options(asked: dict[str, Any]) -> dict[str, Any]:
    first, *_ = [*_given(asked["orderBy"]), {"field": "id", "direction": "desc"}]
    return {
        "size": asked["pageSize"],
        "cursor": asked["continuationToken"] or "",
        "order": (first["field"], first["direction"] or "asc"),
        "filters": {each["field"]: each["value"] for each in _given(asked["filters"])},
        "ranges": _given(asked["rangeFilters"]),
        "search": asked["search"] or "",
        "count": bool(asked["includeCount"]),
    }


def _given(options: list[Any] | None) -> list[Any]:
    """In the contract a list may be null, and so may its elements."""
    return [each for each in options or [] if each]
