"""English dates that Europeans and Americans read the same way; times name their
zone."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i e"
