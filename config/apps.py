"""Tells Django to use our admin site, and to load the rules after each migration."""

import gc
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class PortalAdminConfig(AdminConfig):
    default_site = "config.admin.PortalSite"


class PortalConfig(AppConfig):
    """Last of the apps, so that everything it loads already has its tables."""

    name = "config"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Django sends the signal only for apps with models; `dsr` is the last of
        them."""
        post_migrate.connect(load_files, sender=apps.get_app_config("dsr"))
        _keep_what_is_loaded()


def _keep_what_is_loaded() -> None:
    """Modules and models live as long as the process: no message, page or range should
    wait a tenth of a second while the garbage collector searches all of them again."""
    gc.collect()
    gc.freeze()


def load_files(**_: Any) -> None:
    """Loads the rows that are kept as files in the repository: policy, rules,
    groups."""
    from config import loading

    loading.load_all()
