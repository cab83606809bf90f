"""A rule in a sentence: what it does to which rows, and when."""

from collections.abc import Sequence

from privacy.datamap import Map
from privacy.models import Column, Rule
from privacy.retention import linked, reach, referring
from privacy.strategies import STRATEGIES

WRITTEN = (
    "From the texts of {columns}, e-mail addresses, telephone, card and account "
    "numbers and IP addresses are taken out. Names and postal addresses that people "
    "wrote there stay: to end these too, empty the texts (treatment nullify)."
)


def sentence(rule: Rule) -> str:
    """As in “Deletes rows of shop.visit 24 months after their left_at.”"""
    verb = "Deletes" if rule.action == reach.DELETE else "De-identifies"
    return f"{verb} rows of {rule.table}{_which(rule)}{_when(rule)}.{_left(rule)}"


def without_date(rule: Rule, rows: int) -> str:
    have = "1 row has" if rows == 1 else f"{rows:,} rows have"
    return (
        f"{have} no date in {rule.start}, so this rule leaves them alone, however old "
        "they are."
    )


def written(columns: Sequence[Column]) -> list[str]:
    """What stays in texts from which only what has a form is taken out."""
    some = [c.full_name for c in columns if c.strategy.get("strategy") == "redact"]
    return [WRITTEN.format(columns=", ".join(some))] if some else []


def referred(rule: Rule, rows: int) -> str:
    """Why rows past their date stay though nothing holds them."""
    mapped = Map(rule.table.store)
    names = ", ".join(map(str, referring.children(mapped, rule)))
    more = "1 row" if rows == 1 else f"{rows:,} rows"
    stay = "stays" if rows == 1 else "stay"
    said = (
        f"{more} past the date {stay} while rows of {names} refer to them, and can go "
        "once these are gone, by a rule of their own."
    )
    if referring.is_own_child(mapped, rule):
        said += f" What only rows of {rule.table} keep back goes after these at once."
    return said


def _which(rule: Rule) -> str:
    where = [f"{name} is {value}" for name, value in rule.where.items()]
    others = [linked.written(each) for each in rule.linked]
    said = [f" where {' and '.join(where)}"] if where else []
    return "".join([*said, *(f" {each}" for each in others)])


def _when(rule: Rule) -> str:
    spans = ((rule.months, "month"), (rule.days, "day"))
    period = " and ".join(
        f"{many} {unit}{'s' * (many > 1)}" for many, unit in spans if many
    )
    if not rule.start:
        return f" for {period}" if period else ""
    return f" {period} after their {rule.start}" if period else " at once"


def _left(rule: Rule) -> str:
    """Of rows that are de-identified: which values end, and how."""
    if rule.action == reach.DELETE:
        return ""
    mapped = Map(rule.table.store)
    some = reach.columns(mapped, rule, mapped.table(rule.table.full_name))
    ends = [f"{c.full_name} ({_label(c.strategy['strategy'])})" for c in some]
    return f" The rows stay; what ends: {', '.join(ends)}."


def _label(strategy: str) -> str:
    label = STRATEGIES[strategy].label
    return label[:1].lower() + label[1:]
