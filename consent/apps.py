"""The consent app."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"
    verbose_name = "Consent"

    def ready(self) -> None:
        from consent import promises  # needs the models, which are loaded by now

        promises.register()
