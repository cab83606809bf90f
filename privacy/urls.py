"""The addresses of the ground floor."""

from django.urls import path

from privacy import views

urlpatterns = [
    path("api/v1/analytics/clean", views.AnalyticsView.as_view()),
    path("api/v1/disclosures/check", views.GateView.as_view()),
    path("api/v1/erasures/check", views.GuardView.as_view()),
]
