"""Where personal data lives: tables, columns, JSON paths; discovery and drift.

`maps` reads the map of a store and makes its models, `files` is the map as YAML,
`schema` is the store as it really is, `discovery` proposes with the reasons that
`proposals` finds, `drift` compares.
"""

from privacy.datamap.maps import Map, read

__all__ = ["Map", "read"]
