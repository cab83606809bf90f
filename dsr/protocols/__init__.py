"""Requests of other systems: our API, the Data Rights Protocol, OpenDSR."""
