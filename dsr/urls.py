"""The addresses of the requests floor."""

from django.urls import path

from dsr.views import requests

urlpatterns = [
    path("privacy/request", requests.ask, name="request_form"),
    path("privacy/request/<str:token>", requests.follow, name="request_status"),
]
