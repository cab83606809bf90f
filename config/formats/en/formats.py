"""English dates that Europeans and Americans read alike; times name their zone."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i e"
