"""The only raw SQL of the consent floor: each statement named, with its purpose."""
