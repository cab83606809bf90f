"""Every address the portal answers."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("api/schema", SpectacularAPIView.as_view(permission_classes=[])),
    path("admin/", admin.site.urls),
    path("", include("privacy.urls")),
    path("", include("consent.urls")),
    path("", include("dsr.urls")),
]
