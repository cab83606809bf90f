"""How the web server runs; gunicorn reads this file by itself in the folder it starts
in."""

logger_class = "config.access.Log"
limit_request_line = 8190  # bytes: a carrier may bring a long message in the address
