"""Documents (JSON) about several people: what is one person's is taken out of them."""

from privacy.documents.reading import read
from privacy.documents.taking import left
from privacy.documents.whose import Known, Person, marks_in

__all__ = ["Known", "Person", "left", "marks_in", "read"]
