"""The public form, and the page under which a person follows a request."""

from dsr.views.requests.asking import ask
from dsr.views.requests.following import follow
from dsr.views.requests.proving import confirm, signed_in

__all__ = ["ask", "confirm", "follow", "signed_in"]
