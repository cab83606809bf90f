"""The only raw SQL of the ground floor: each statement named, with its purpose."""
