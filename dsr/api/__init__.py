"""How other systems reach the requests floor: our own API, DRP, OpenDSR."""
