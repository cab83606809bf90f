"""The HTTP API of the consent floor."""
