"""The addresses of the requests floor."""

from django.urls import include, path
from django.views.generic import RedirectView

from dsr import webhooks
from dsr.api import drp, opendsr, recipients
from dsr.api.counts import CountsView, RegisterView
from dsr.api.requests import FilesView, RequestsView, RequestView
from dsr.views import calendar, requests

OPENDSR = [
    path("discovery", opendsr.discovery),
    path("cert.pem", opendsr.certificate),
    path("requests", opendsr.requests),
    path("requests/<str:number>", opendsr.one),
    path("status/<str:number>", opendsr.one),
    path("opengdpr_requests", opendsr.requests),  # as it was called before (10.1)
    path("opengdpr_requests/<str:number>", opendsr.one),
]
urlpatterns = [
    path("webhooks/mail/<str:name>", webhooks.take_mail),
    path("api/v1/instructions/<uuid:number>", recipients.answer),
    path("opendsr/callbacks/<uuid:number>", recipients.callback),
    path("api/v1/requests", RequestsView.as_view()),
    path("api/v1/requests/counts", CountsView.as_view()),
    path("api/v1/requests/register", RegisterView.as_view()),
    path("api/v1/requests/<str:number>", RequestView.as_view()),
    path("api/v1/requests/<str:number>/files", FilesView.as_view()),
    path("drp/business.json", drp.business),
    path("drp/v1/agent/<str:code>", drp.agent),
    path("drp/v1/data-rights-request", drp.exercise),
    path("drp/v1/data-rights-request/", drp.exercise),
    path("drp/v1/data-rights-request/<str:number>", drp.one),
    path("opendsr/", include(OPENDSR)),
    path("opendsr/v2/", include(OPENDSR)),
    path("opengdpr/v1/", include(OPENDSR)),
    path("privacy/request", requests.ask, name="request_form"),
    path(
        "privacy/request/",
        RedirectView.as_view(pattern_name="request_form", query_string=True),
    ),
    path("privacy/request/<str:token>", requests.follow, name="request_status"),
    path("privacy/confirm", requests.confirmed, name="request_confirmed"),
    path("privacy/confirm/<str:token>", requests.confirm, name="request_confirm"),
    path("privacy/account", requests.signed_in, name="request_account"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar_feed"),
]
