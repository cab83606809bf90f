"""The public form, and the page under which a person follows a request."""

from dsr.views.requests.asking import ask
from dsr.views.requests.following import follow

__all__ = ["ask", "follow"]
