"""A date becomes the first of January of its year."""

from privacy.strategies.generalise_date import GeneraliseDate


class Year(GeneraliseDate):
    name = "year"
    label = "Only the year is left"
    parameters = ()
