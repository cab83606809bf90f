"""The first floor: may we contact this person? Stands on `privacy`."""
