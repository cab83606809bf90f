"""The first floor: may we contact this person? It builds on `privacy`."""
