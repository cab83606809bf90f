"""Django's own engines, with what stores of other people need on top."""
