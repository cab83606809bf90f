"""The addresses of the requests floor."""

from django.urls import path

from dsr.views import requests

urlpatterns = [
    path("privacy/request", requests.ask, name="request_form"),
    path("privacy/request/<str:token>", requests.follow, name="request_status"),
    path("privacy/confirm/<str:token>", requests.confirm, name="request_confirm"),
    path("privacy/account", requests.signed_in, name="request_account"),
]
