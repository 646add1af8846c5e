#!/usr/bin/env bash
# asyncpg 0.32.0 with PostgreSQL 16.2: the last day of Python's calendar arrives in the database as `infinity`.
#
# 9999-12-31, which many schemas use for "for ever", is `date.max`. asyncpg sends it, and `datetime.max`, as PostgreSQL's
# infinity, which is later than every day; the day before arrives as it is. Read back through asyncpg nothing shows, since
# infinity becomes `date.max` again; every other client, and every comparison in SQL, sees infinity. The moment comes back
# without a time zone from a column that has one, where all other moments have theirs.
#
# Seen on 2026-11-30:
#   9999-12-30 arrives as 9999-12-30
#   9999-12-31 arrives as infinity
#   the last moment arrives as infinity
#   infinity is read as 9999-12-31 and as 9999-12-31 23:59:59.999999 time zone None
#
# What follows for us: storage/dialects/postgresql_dates.py sends both as they are (tests/crud/test_values.py).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install asyncpg==0.32.0 pgserver==0.1.4

cat > "$folder/look.py" <<'PYTHON'
import asyncio
import sys
from datetime import UTC, date, datetime

import asyncpg
import pgserver


async def look(uri: str) -> None:
    connection = await asyncpg.connect(uri)
    for day in (date(9999, 12, 30), date(9999, 12, 31)):
        print(day, "arrives as", await connection.fetchval("SELECT ($1::date)::text", day))
    last = datetime.max.replace(tzinfo=UTC)
    print("the last moment arrives as", await connection.fetchval("SELECT ($1::timestamptz)::text", last))
    row = await connection.fetchrow("SELECT 'infinity'::date AS day, 'infinity'::timestamptz AS moment")
    print("infinity is read as", row["day"], "and as", row["moment"], "time zone", row["moment"].tzinfo)
    await connection.close()


server = pgserver.get_server(sys.argv[1])
try:
    asyncio.run(look(server.get_uri()))
finally:
    server.cleanup()
PYTHON

seen=$("$folder/venv/bin/python" -W ignore "$folder/look.py" "$folder/data")
echo "$seen"
diff - <(echo "$seen") <<'EXPECTED'
9999-12-30 arrives as 9999-12-30
9999-12-31 arrives as infinity
the last moment arrives as infinity
infinity is read as 9999-12-31 and as 9999-12-31 23:59:59.999999 time zone None
EXPECTED
