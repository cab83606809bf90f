"""The addresses of the consent floor."""

from django.urls import path
from django.views.generic import RedirectView

from consent import webhooks
from consent.api import (
    blocklists,
    checks,
    dealings,
    events,
    exports,
    honour,
    late,
    recording,
    suppressions,
    uploads,
)
from consent.views.public import notice, preferences

urlpatterns = [
    path("webhooks/<str:name>", webhooks.take),
    path("api/v1/consent/check", checks.CheckView.as_view()),
    path("api/v1/consent/check/bulk", checks.BulkCheckView.as_view()),
    path("api/v1/consent/events", events.EventsView.as_view()),
    path(
        "api/v1/consent/blocklists/<str:carrier>",
        blocklists.BlockListView.as_view(),
    ),
    path("api/v1/consent/lists", uploads.ListsView.as_view()),
    path("api/v1/consent/lists/<int:pk>", uploads.ListView.as_view()),
    path("api/v1/consent/lists/<int:pk>/results", uploads.ListResultsView.as_view()),
    path("api/v1/consent/exports", exports.ExportsView.as_view()),
    path("api/v1/consent/late", late.LateView.as_view()),
    path("api/v1/consent/reassigned", uploads.ReassignedView.as_view()),
    path("api/v1/consent/recording", recording.RecordingView.as_view()),
    path("api/v1/consent/dealings", dealings.DealingsView.as_view()),
    path("api/v1/consent/honour", honour.HonourView.as_view()),
    path("privacy", notice.show, name="privacy_notice"),
    path(
        "privacy/",
        RedirectView.as_view(pattern_name="privacy_notice", query_string=True),
    ),
    path("privacy/preferences", preferences.ways, name="preference_ways"),
    path("privacy/preferences/<str:token>", preferences.choose, name="preferences"),
    path(".well-known/gpc.json", notice.gpc),
    path("llms.txt", notice.llms),
    path("suppressions", suppressions.SuppressView.as_view()),
    path("suppressions/check", suppressions.CheckView.as_view()),
    path("suppressions/release", suppressions.ReleaseView.as_view()),
    path("suppressions/all/my", suppressions.ListView.as_view()),
    path("suppressions/<str:entry>", suppressions.EntryView.as_view()),
]
