"""SQLite with the portal's functions."""
