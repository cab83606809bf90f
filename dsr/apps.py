"""The dsr app."""

from django.apps import AppConfig


class DsrConfig(AppConfig):
    name = "dsr"
    verbose_name = "Requests"

    def ready(self) -> None:
        from dsr import promises, requests  # need the models, loaded by now
        from privacy.erasure import beginning

        promises.register()
        beginning.GATES.append(requests.kept_back)
