"""The public form, and the page on which a person follows a request."""

from dsr.views.requests.asking import ask
from dsr.views.requests.following import follow
from dsr.views.requests.proving import confirm, confirmed, signed_in

__all__ = ["ask", "confirm", "confirmed", "follow", "signed_in"]
