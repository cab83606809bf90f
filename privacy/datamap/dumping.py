"""The map of a store as YAML that `files.load` reads back to the same rows."""

from typing import Any

import yaml

from privacy.models import Column, Link, Store, Table


def dump(store: Store) -> str:
    """The map as YAML that `files.load` reads back to the same rows."""
    tables = {
        table.full_name: _table_said(table)
        for table in store.tables.prefetch_related("columns", "links__target__store")
    }
    document = {"store": store.name, "tables": tables}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=88)


def _table_said(table: Table) -> dict[str, Any]:
    links = [_link_said(link) for link in table.links.all()]
    said = {
        "title": table.title,
        "about": table.about,
        "start": table.start,
        "erasure": table.erasure,
        "ground": table.ground,
        "k": table.k,
        "files": table.files,
        "terms": table.terms,
        "links": links,
    }
    columns = {c.full_name: _column_said(c) for c in table.columns.all()}
    return {**{k: v for k, v in said.items() if v}, "columns": columns}


def _link_said(link: Link) -> dict[str, Any]:
    """A table of another store is written after its store and a colon."""
    is_here = link.target.store_id == link.table.store_id
    place = "" if is_here else f"{link.target.store.name}:"
    said = {
        "column": ",".join(link.columns),
        "to": f"{place}{link.target.full_name}.{','.join(link.target_columns)}",
        "role": link.role,
        "when": link.when,
        "state": "" if link.state == Link.State.ACCEPTED else link.state,
        "reason": link.reason,
    }
    return {key: value for key, value in said.items() if value}


def _facts(column: Column) -> list[str]:
    """Paths of a document that hold nothing personal and can be named in the map."""
    paths = column.options.get("facts", [])
    return [".".join(path) for path in paths if not any("." in step for step in path)]


def _column_said(column: Column) -> dict[str, Any]:
    if column.state == Column.State.UNKNOWN:
        return {}
    said = {
        "not_personal": column.not_personal,
        "category": column.category_id,
        "source": column.source_id,
        "purposes": column.purposes,
        "identifier": column.identifier,
        "whose": "" if column.whose == Column.Whose.SUBJECT else column.whose,
        "attribute": column.attribute,
        "until": column.until,
        "words": column.options.get("words", []),
        "told_by": column.options.get("told_by", ""),
        "facts": _facts(column),
        "region": column.options.get("region", ""),
        "free_text": column.free_text,
        "treatment": column.treatment,
        "ground": column.ground,
    }
    return {key: value for key, value in said.items() if value}
