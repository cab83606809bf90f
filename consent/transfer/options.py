"""What holds for every row of a list, as the person who imports it says."""

from dataclasses import dataclass

from consent.models import Channel, Dealing, Event, Listing


@dataclass(frozen=True)
class Options:
    """What holds for every row that does not say it itself; and how to read a file that
    does not show it (`columns` as `columns.find` takes them).

    An opt-in is proved by the `wording` that was shown and the `page`, form or paper it
    stood on (47 CFR 64.1200(f)(9)); one that says no more than yes proves nothing. With
    a `listing` the rows are numbers on that list, not something that people said to us:
    do_not_call, state, or requested (our own, kept for its years). If the file is a
    registry's complete copy, `whole` names it, as "FTC 202" or "Florida": numbers that
    an earlier copy of that name had and this one lacks are no longer on it. With a
    `dealing` (purchase or inquiry, for rows that don't say) the rows are dealings with
    a sender, not something that people said either; `country` is where people live
    whose address does not show it. `received` is the day on which we got the list, for
    the time in which its opt-outs must be obeyed; empty: the day of the import.
    """

    kind: str = ""
    channel: str = Channel.SMS
    organization: str = ""
    source: str = Event.Source.PROVIDERS
    columns: str = ""
    timezone: str = "UTC"
    day_first: bool = False
    wording: str = ""
    page: str = ""
    listing: str = ""
    whole: str = ""
    dealing: str = ""
    country: str = ""
    received: str = ""  # ISO

    @property
    def means(self) -> str:
        return self.kind or (Event.Kind.OPT_OUT if self.listing else "")

    def in_words(self, event: str) -> str:
        """What a row says, or which list it is on."""
        if self.listing:
            return str(Listing.List(self.listing).label)
        if self.dealing:
            return str(Dealing.Kind(event).label)
        return str(Event.Kind(event).label).rstrip(",")
