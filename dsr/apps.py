"""The dsr app."""

from django.apps import AppConfig


class DsrConfig(AppConfig):
    name = "dsr"
    verbose_name = "Requests"

    def ready(self) -> None:
        from dsr import promises, requests, undone  # need the models, loaded by now
        from privacy import undo
        from privacy.erasure import beginning

        promises.register()
        beginning.GATES.append(requests.kept_back)
        undo.LISTENERS.append(undone.hear)
