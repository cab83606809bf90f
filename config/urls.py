"""Every address the portal answers."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import front, health, metrics

urlpatterns = [
    path("", front.lead),
    path("favicon.ico", front.icon),
    path("robots.txt", front.robots),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics.MetricsView.as_view()),
    path(
        "api/schema", SpectacularAPIView.as_view(permission_classes=[]), name="schema"
    ),
    path(
        "api/docs",
        SpectacularSwaggerSplitView.as_view(
            permission_classes=[], template_name="api_docs.html"
        ),
    ),
    path("admin/", admin.site.urls),
    path("", include("privacy.urls")),
    path("", include("consent.urls")),
    path("", include("dsr.urls")),
]

handler400 = "config.errors.not_understood"
handler403 = "config.errors.not_allowed"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"
