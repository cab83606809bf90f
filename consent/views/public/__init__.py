"""Pages for everybody: preferences and the notice."""
