"""How staff come in: the pages of the door, and those of one's own second factor."""
