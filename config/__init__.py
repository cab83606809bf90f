"""The roof: settings, urls, Celery and the admin site. The only place that knows all apps."""
