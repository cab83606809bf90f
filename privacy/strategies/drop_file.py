"""Deletes the file that the column names, then the name.

The file goes before the statement runs (`destruction`), so a crash between the two
leaves a name without a file and not a file without a name.
"""

from privacy.strategies.nullify import Nullify


class DropFile(Nullify):
    name = "drop_file"
    label = "The file is deleted"
