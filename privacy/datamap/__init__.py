"""The data map: the tables, columns and JSON paths that hold personal data.

`maps` reads the map of a store and makes its models, `files` is the map as YAML,
`schema` is the store as it really is, `discovery` makes proposals with the reasons that
`proposals` finds, `drift` compares the map with the store.
"""

from privacy.datamap.maps import Map, read

__all__ = ["Map", "read"]
