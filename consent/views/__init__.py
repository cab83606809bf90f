"""The public pages of the consent floor."""
