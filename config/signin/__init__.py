"""How staff sign in: the sign-in pages, and those of one's own second factor."""
