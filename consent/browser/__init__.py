"""What happens in a person's browser: cookies, preferences, Global Privacy Control."""

from consent.browser.cookies import load

__all__ = ["load"]
