"""The web server's own log: paths, no queries, no secrets. An operator who sets its
line and its file can't make it say more."""

import datetime as dt
from typing import Any

from gunicorn import glogging

from config.logs import WithoutSecrets, without


class Log(glogging.Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(WithoutSecrets())

    def atoms(
        self, resp: Any, req: Any, told: dict[str, Any], request_time: dt.timedelta
    ) -> dict[str, Any]:
        path = without(told.get("PATH_INFO"))
        shown = told | {
            "PATH_INFO": path,
            "RAW_URI": path,
            "QUERY_STRING": "",
            "HTTP_REFERER": without(told.get("HTTP_REFERER", "-")),
        }
        said: dict[str, Any] = super().atoms(resp, req, shown, request_time)
        return said
