"""The dsr app."""

from django.apps import AppConfig


class DsrConfig(AppConfig):
    name = "dsr"
    verbose_name = "Requests"

    def ready(self) -> None:
        from dsr import promises  # needs the models, which are loaded by now

        promises.register()
