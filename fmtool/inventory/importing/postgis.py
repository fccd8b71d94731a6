"""Read a table of a PostgreSQL database, with its shapes where PostGIS keeps them.

A database is named as ``postgresql://user:password@host:port/database?table=schema.table``. The
password may be left out: libpq then takes it from ``PGPASSWORD`` or the user's ``.pgpass``. It
stands in no sentence, file or log. Nothing is ever written to a database.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from pyproj.exceptions import CRSError

from fmtool.inventory.faults import refuse
from fmtool.inventory.limits import check_table
from fmtool.text import Text, listing, without_secrets

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import URL

_SCHEMES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://", re.IGNORECASE)
_SYSTEM = {"information_schema", "pg_catalog", "topology", "tiger", "tiger_data"}
_POSTGIS = {"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews"}
_PATIENCE_S = 15
_LONGEST_QUERY_MS = 600_000

_FORM = Text(
    "`postgresql://利用者@ホスト:5432/データベース?table=スキーマ.表` の形で書いてください（パスワードの記号は %40 のように書くか、環境変数 PGPASSWORD に入れます）",
    "write it as `postgresql://user@host:5432/database?table=schema.table` (signs in the password as %40 and so on, or put it into the environment variable PGPASSWORD)",
)


def is_database(word: str) -> bool:
    """Tell whether a word of the command line names a database, not a file.

    >>> is_database("postgresql://u:p@h/db?table=public.t"), is_database("ledger.csv")
    (True, False)
    """
    return _SCHEMES.match(word) is not None


def read_postgis(url: str, table: str | None = None) -> pd.DataFrame | gpd.GeoDataFrame:
    """Read a table or view, in the order of its primary key.

    Parameters
    ----------
    url
        Where the database is; ``?table=`` names the table.
    table
        ``schema.table`` or ``table``, instead of that of ``url``. Neither: the only one there is.

    Raises
    ------
    InventoryError
        When the database cannot be reached or read, or the table is missing or beyond the limits.
    """
    name = without_secrets(url)
    try:
        import psycopg  # noqa: PLC0415  - an extra
        from sqlalchemy import create_engine  # noqa: PLC0415
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415
        from sqlalchemy.pool import NullPool  # noqa: PLC0415
    except ImportError:
        raise refuse(
            name,
            Text("データベースを読む部品が入っていません", "the parts that read databases are not installed"),
            Text(
                '`pip install "fmtool[postgis]"` で入れてください', 'install them with `pip install "fmtool[postgis]"`'
            ),
        ) from None
    place, wanted = _place(url, name)
    options = f"-c default_transaction_read_only=on -c statement_timeout={_LONGEST_QUERY_MS}"
    engine = create_engine(
        place,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": _PATIENCE_S, "options": options},
    )
    try:
        with engine.connect() as connection:
            return _read(connection, table or wanted, name)
    except (SQLAlchemyError, psycopg.Error, UnicodeError) as error:
        raise _unreachable(error, place, name) from None
    except CRSError:
        raise refuse(
            name,
            Text("図形の座標系が分かりません", "the shapes have an unknown coordinate system"),
            Text("`UpdateGeometrySRID` で正しいSRIDにしてください", "set the right SRID with `UpdateGeometrySRID`"),
        ) from None
    finally:
        engine.dispose()


def _place(url: str, name: str) -> tuple[URL, str | None]:
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    user = url.partition("://")[2].rpartition("@")[0]
    if any(sign in user for sign in "@/?#"):  # unescaped, a piece of the password would be taken for the host, and told
        raise refuse(name, Text("データベースの場所として読めません", "not readable as the place of a database"), _FORM)
    try:
        place = make_url(_SCHEMES.sub("postgresql+psycopg://", url, count=1))
        table = place.query.get("table")
    except (ArgumentError, ValueError):
        raise refuse(
            name, Text("データベースの場所として読めません", "not readable as the place of a database"), _FORM
        ) from None
    if not place.database:
        raise refuse(name, Text("データベース名がありません", "names no database"), _FORM)
    return place.difference_update_query(["table"]), table if isinstance(table, str) else None


def _unreachable(error: Exception, place: URL, name: str) -> Exception:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    reason = without_secrets(said[0] if said else type(error).__name__)
    for secret in (place.password, place.query.get("password")):
        if isinstance(secret, str) and secret:
            reason = reason.replace(secret, "***")
    return refuse(
        name,
        Text(f"データベースを読めません（{reason}）", f"the database cannot be read ({reason})"),
        Text(
            "ホスト名、ポート、利用者名、パスワード、閲覧の権限を確かめてください",
            "look at host, port, user, password and the right to read",
        ),
    )


def _read(connection: Connection, wanted: str | None, name: str) -> pd.DataFrame | gpd.GeoDataFrame:
    from sqlalchemy import func, select  # noqa: PLC0415

    table = _reflected(connection, wanted, name)
    shapes = _shape_columns(connection, table)
    kept = [column for column in table.columns if column.name not in shapes[1:]]
    check_table(connection.execute(select(func.count()).select_from(table)).scalar_one(), len(kept), name)
    query = select(*kept).order_by(*table.primary_key.columns)
    if not shapes:
        return pd.read_sql(query, connection)
    # PostGIS writes shapes as hexadecimal text, which is how geopandas takes them.
    return gpd.read_postgis(query, connection, geom_col=shapes[0])


def _reflected(connection: Connection, wanted: str | None, name: str) -> Table:
    """Return the table asked for, as the database describes it."""
    from sqlalchemy import MetaData, Table  # noqa: PLC0415
    from sqlalchemy.exc import NoSuchTableError, SAWarning  # noqa: PLC0415

    known = _tables(connection)
    if wanted is None and len(known) == 1:
        wanted = known[0]
    if wanted is None:
        problem = Text("表の名前がありません", "names no table")
    else:
        schema, _, table = wanted.rpartition(".")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # that it does not know PostGIS's types
                return Table(table, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
        except NoSuchTableError:
            problem = Text(f"表 {wanted} がありません", f"no table {wanted}")
    raise refuse(
        name,
        problem,
        Text(
            f"`?table=スキーマ.表` で指定してください。あるのは: {listing(known, 12).ja or 'なし'}",
            f"name it with `?table=schema.table`; there are: {listing(known, 12).en or 'none'}",
        ),
    )


def _tables(connection: Connection) -> list[str]:
    from sqlalchemy import inspect  # noqa: PLC0415

    look: Any = inspect(connection)
    return [
        f"{schema}.{table}"
        for schema in look.get_schema_names()
        if schema not in _SYSTEM
        for table in sorted([*look.get_table_names(schema), *look.get_view_names(schema)])
        if table not in _POSTGIS
    ]


def _shape_columns(connection: Connection, table: Table) -> list[str]:
    """Return the columns of PostGIS's types, in their order."""
    from sqlalchemy import text  # noqa: PLC0415

    found = connection.execute(
        text(
            "SELECT attname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid "
            "WHERE attrelid = to_regclass(:name) AND typname IN ('geometry', 'geography') AND attnum > 0 ORDER BY attnum"
        ),
        {"name": connection.dialect.identifier_preparer.format_table(table)},
    )
    return [str(row[0]) for row in found]
