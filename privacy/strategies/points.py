"""Points as a database has them: PostgreSQL's own type, and MariaDB's."""

from typing import Any

from django.db.models import BinaryField, Field, FloatField, Func

from privacy.strategies.base import Place


def is_point(place: Place) -> bool:
    return place.type == "point" and not place.path


def ordinates(place: Place) -> tuple[Any, Any]:
    return Ordinate(place.base, 0), Ordinate(place.base, 1)


class Ordinate(Func):
    """The first or the second of the two numbers."""

    template = "((%(expressions)s)[%(index)s])"
    output_field = FloatField()

    def __init__(self, point: Any, index: int) -> None:
        super().__init__(point, index=index)

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = ("ST_X(%(expressions)s)", "ST_Y(%(expressions)s)")
        return self.as_sql(
            compiler, connection, template=template[self.extra["index"]], **context
        )


class Point(Func):
    """Of two numbers, in the reference system of the point that was there."""

    function = "point"
    output_field = Field()

    def __init__(self, first: Any, second: Any, old: Any) -> None:
        super().__init__(first, second, old)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        two = self.copy()
        two.set_source_expressions(self.get_source_expressions()[:2])
        return two.as_sql(compiler, connection, **context)

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        *two, old = self.get_source_expressions()
        plain = Func(Func(*two, function="POINT"), function="ST_AsWKB")
        system = Func(old, function="ST_SRID")
        made = Func(plain, system, function="ST_GeomFromWKB")
        made.output_field = BinaryField()
        return compiler.compile(made)
