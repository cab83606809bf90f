"""Instants in PostgreSQL's notation, counted back from `now`: ages are in seconds."""

import datetime as dt

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MONTH = 2_629_800  # a twelfth of 365.25 days
EPOCH = dt.date(1970, 1, 1)


class Days(dict[int, str]):
    """Days since the epoch, each formatted once."""

    def __missing__(self, day: int) -> str:
        self[day] = (EPOCH + dt.timedelta(day)).isoformat()
        return self[day]


class Times:
    """Joins days and times of day, because `strftime` for every row would take half of
    the whole run."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = int(now.timestamp())
        self._days = Days()
        self._clock = [
            f" {hour:02d}:{minute:02d}:{second:02d}+00"
            for hour in range(24)
            for minute in range(60)
            for second in range(60)
        ]

    def ago(self, age: float) -> str:
        day, second = divmod(self.now - int(age), DAY)
        return self._days[day] + self._clock[second]

    def date(self, age: float) -> str:
        return self._days[(self.now - int(age)) // DAY]

    def json(self, age: float) -> str:
        """With a T, as in JSON documents."""
        return self.ago(age).replace(" ", "T") + ":00"
