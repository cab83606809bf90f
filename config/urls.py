"""Every address the portal answers."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("admin/", admin.site.urls),
    path("", include("privacy.urls")),
    path("", include("consent.urls")),
    path("", include("dsr.urls")),
]
