"""Django's own engines, with what other people's stores need in addition."""
