"""The roof: settings, urls, Celery and the admin site. It alone knows all apps."""
