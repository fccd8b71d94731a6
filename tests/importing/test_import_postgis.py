"""A table of a real PostgreSQL with PostGIS, which the tests start for themselves; its password is told nowhere."""

from __future__ import annotations

import csv
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest

from fmtool.errors import InventoryError
from fmtool.inventory import limits
from fmtool.inventory.importing.postgis import read_postgis

pytest.importorskip("psycopg", reason="the extra fmtool[postgis] is not installed")

SECRET = "s3cr3t:%40/ひみつ"  # noqa: S105  - the tests' own
QUOTED = "s3cr3t%3A%2540%2F%E3%81%B2%E3%81%BF%E3%81%A4"

TABLES = """
CREATE EXTENSION postgis;
CREATE SCHEMA "資産";
CREATE TABLE "資産"."施設 台帳" (
  "施設ID" text PRIMARY KEY, "施設名" text, "用途分類" text, "建築年度" text,
  "延床面積" numeric(12, 2), "取得日" date, geom geometry(Point, 6675), "敷地" geometry(Polygon, 6675));
INSERT INTO "資産"."施設 台帳" VALUES
  ('F2', '=HYPERLINK("http://example.com")', '学校', '昭和45年', 1234.50, '1970-03-31',
   ST_SetSRID(ST_MakePoint(-70000, -100000), 6675), NULL),
  ('F1', '中央図書館', '図書館', 'S56', 980, NULL, NULL, NULL);
CREATE TABLE plain (id integer, name text, note jsonb, tags text[]);
INSERT INTO plain VALUES (1, '公民館', '{"a": 1}', '{x,y}');
CREATE VIEW seen AS SELECT id, name FROM plain;
CREATE TABLE earth (id integer PRIMARY KEY, place geography(Point));
INSERT INTO earth VALUES (1, 'SRID=4326;POINT(139.9 35.86)');
CREATE TABLE nowhere (id integer, geom geometry);
INSERT INTO nowhere VALUES (1, ST_MakePoint(139.9, 35.86));
CREATE TABLE empty_one (id integer, name text);
CREATE ROLE clerk LOGIN PASSWORD 'only reads';
"""


class Server(NamedTuple):
    """A running database server."""

    port: int
    bin: Path
    owner: str | None

    def url(self, table: str | None = None, password: str = QUOTED) -> str:
        """Return the address of a table."""
        return f"postgresql://fm:{password}@127.0.0.1:{self.port}/city" + (f"?table={table}" if table else "")


def run_as(owner: str | None, *command: object, **options: object) -> None:
    words = [str(word) for word in command]
    subprocess.run(words, check=True, capture_output=True, user=owner, cwd="/", timeout=60, **options)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a server of our own in a scratch folder, as a user who is not root."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        pytest.skip("PostgreSQL with PostGIS is not installed (apt-get install postgresql postgresql-postgis)")
    owner = None
    if os.getuid() == 0:
        owner = next((user.pw_name for user in pwd.getpwall() if user.pw_name == "postgres"), None)
        if owner is None:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    tools = folders[-1].parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data, password = folder / "data", folder / "password"
    password.write_text(SECRET, encoding="utf-8")
    if owner:
        for path in (folder, password):
            shutil.chown(path, owner)
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        run_as(owner, tools / "initdb", "-D", data, "-U", "fm", "-E", "UTF8", "--locale=C", "--auth=scram-sha-256",
               "--pwfile", password, "--no-sync")  # fmt: skip
        run_as(owner, tools / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", folder / "log", "start")
        made = Server(port, tools, owner)
        try:
            for database, words in (("postgres", "CREATE DATABASE city"), ("city", TABLES)):
                run_as(owner, tools / "psql", "-qv", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", port, "-U", "fm", database,
                       input=words.encode(), env={"PGPASSWORD": SECRET, "PATH": os.environ["PATH"]})  # fmt: skip
            yield made
        finally:
            run_as(owner, tools / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_table_with_japanese_names_and_two_shapes_is_read_by_its_key(server):
    read = read_postgis(server.url("資産.施設 台帳"))
    assert isinstance(read, gpd.GeoDataFrame)
    assert list(read.columns) == ["施設ID", "施設名", "用途分類", "建築年度", "延床面積", "取得日", "geom"]
    assert read["施設ID"].tolist() == ["F1", "F2"]
    assert read["延床面積"].tolist() == [980.0, 1234.5]
    assert read.crs.to_epsg() == 6675
    assert read.geometry.iloc[0] is None
    # JGD2011 plane zone VII, 100 km south and 70 km west of its origin 36 N 137°10' E
    there = read.to_crs(4326).geometry.iloc[1]
    assert (round(there.x, 1), round(there.y, 1)) == (136.4, 35.1)


def test_a_table_may_be_named_beside_the_address(server):
    read = read_postgis(server.url(), "public.plain")
    assert type(read) is pd.DataFrame
    assert read.to_dict("records") == [{"id": 1, "name": "公民館", "note": {"a": 1}, "tags": ["x", "y"]}]


def test_a_view_a_geography_and_shapes_without_a_system_are_read(server):
    assert read_postgis(server.url("seen")).to_dict("records") == [{"id": 1, "name": "公民館"}]
    earth = read_postgis(server.url("public.earth"))
    assert (earth.crs.to_epsg(), earth.geometry.iloc[0].x) == (4326, 139.9)
    nowhere = read_postgis(server.url("nowhere"))
    assert (nowhere.crs, nowhere.geometry.iloc[0].y) == (None, 35.86)
    assert read_postgis(server.url("empty_one")).empty


def test_the_other_scheme_and_driver_are_the_same_database(server):
    for scheme in ("postgres://", "postgresql+psycopg://"):
        assert len(read_postgis(server.url("plain").replace("postgresql://", scheme))) == 1


def refused(url: str, table: str | None = None) -> str:
    with pytest.raises(InventoryError) as caught:
        read_postgis(url, table)
    chain, fault = "", caught.value
    while fault is not None:  # what a traceback would show
        chain += repr(fault) + str(fault)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    said = caught.value.say("ja") + caught.value.say("en")
    for secret in (SECRET, QUOTED, "s3cr3t", "wr0ng"):
        assert secret not in said + chain
    return said


def test_a_missing_table_names_those_there_are(server):
    said = refused(server.url("public.none"))
    assert "no table public.none" in said
    assert "public.plain" in said
    assert "資産.施設 台帳" in said
    assert "spatial_ref_sys" not in said
    assert "names no table" in refused(server.url())


def test_a_table_beyond_the_limit_is_not_read(server, monkeypatch):
    monkeypatch.setattr(limits, "MOST_ROWS", 1)
    assert "the number of rows is above the limit (2 rows, at most 1)" in refused(server.url("資産.施設 台帳"))


def test_a_wrong_password_a_missing_right_and_a_wrong_place_are_told_without_the_password(server):
    assert "password authentication failed" in refused(server.url("plain", "wr0ng"))
    assert 'database "other"' in refused(server.url("plain").replace("/city", "/other"))
    assert "cannot be read" in refused(f"postgresql://fm:{QUOTED}@127.0.0.1:1/city?table=plain")
    assert "cannot be read" in refused(f"postgresql://fm:{QUOTED}@no.such.host.invalid/city?table=plain")
    clerk = server.url("plain").replace(f"fm:{QUOTED}", "clerk:only%20reads")
    assert "permission denied" in refused(clerk)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://fm:{QUOTED}@127.0.0.1:port/city?table=t",
        f"postgresql://fm:{QUOTED}@127.0.0.1:99999/city?table=t",
        f"postgresql://fm:{QUOTED}@127.0.0.1/",
        f"postgresql://fm:{SECRET}@127.0.0.1:1/city",
        "postgresql://fm:a@s3cr3t@127.0.0.1:1/city?table=t",
        "postgresql://fm:a/s3cr3t@127.0.0.1:1/city?table=t",
        f"postgresql://127.0.0.1:1/city?user=fm&password={QUOTED}&table=t",
        f"postgresql://fm:{QUOTED}@127.0.0.1:1/city?bogus=1&table=t",
        f"postgresql://fm:{QUOTED}%00@127.0.0.1:1/city?table=t",
        f"postgresql://fm:{QUOTED}@[::1/city?table=t",
        "postgresql://",
    ],
)
def test_an_address_that_is_none_is_told_without_the_password(url):
    assert "対処" in refused(url)


def test_the_database_is_never_written_to(server):
    url = server.url("x") + "%22;DROP TABLE plain;--"
    assert "no table" in refused(url)
    assert len(read_postgis(server.url("plain"))) == 1


def test_without_the_extra_the_way_to_it_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert 'pip install "fmtool[postgis]"' in refused("postgresql://fm@127.0.0.1/city")


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_an_import_from_a_database_tells_and_keeps_no_password(server, workspace_folder, words):
    config = workspace_folder / "fmtool.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("[122.0, 20.0", "[122.0, 0.0"), encoding="utf-8")
    for table, code in (("資産.施設 台帳", 0), ("none", 1)):
        command = [sys.executable, "-X", "dev", "-m", "fmtool", "-C", str(workspace_folder), *words]
        done = subprocess.run([*command, "import", server.url(table)], capture_output=True, check=False, timeout=100)
        told = (done.stdout + done.stderr).decode()
        assert done.returncode == code, told
        assert "Traceback" not in told
        kept = "".join(f"{path.name} {content(path)}" for path in sorted(workspace_folder.rglob("*")) if path.is_file())
        for secret in (SECRET, QUOTED, "s3cr3t"):
            assert secret not in told
            assert secret not in kept
    with (workspace_folder / "facilities" / "buildings.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "中央図書館" in {row["name"] for row in csv.DictReader(file)}


def content(path: Path) -> str:
    """Return all that a file holds, unpacked where it is an archive."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("utf-8", "replace")
    with zipfile.ZipFile(path) as packed:
        return "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
