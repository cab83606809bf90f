"""Instants as PostgreSQL reads them, counted back from `now`: ages are in seconds."""

import datetime as dt

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MONTH = 2_629_800  # a twelfth of 365.25 days
MINUTES = [f" {minute // 60:02d}:{minute % 60:02d}:" for minute in range(1_440)]
SECONDS = [f"{second:02d}+00" for second in range(60)]


class Times:
    """Spells each day once, because `strftime` for every row would take half the time
    of making it."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = int(now.timestamp())
        self._days: dict[int, str] = {}

    def ago(self, age: float) -> str:
        day, second = divmod(self.now - int(age), DAY)
        minute, second = divmod(second, MINUTE)
        return self._day(day) + MINUTES[minute] + SECONDS[second]

    def date(self, age: float) -> str:
        return self._day((self.now - int(age)) // DAY)

    def json(self, age: float) -> str:
        """With a T, as JSON documents have it."""
        return self.ago(age).replace(" ", "T") + ":00"

    def _day(self, day: int) -> str:
        if day not in self._days:
            self._days[day] = (dt.date(1970, 1, 1) + dt.timedelta(day)).isoformat()
        return self._days[day]
