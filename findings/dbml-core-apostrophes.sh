#!/usr/bin/env bash
# @dbml/core 10.2.0: an apostrophe in an enum's value or in a default breaks the SQL that it exports.
#
# `dbml2sql` and dbdiagram.io use this exporter. For PostgreSQL, it writes the text of an enum's value and of a default
# between apostrophes as it is, while it doubles the apostrophe of a note. The other way round, its importer of SQL
# leaves the apostrophe of an enum's value doubled in the DBML.
#
# Seen on 2026-12-01:
#   'it's'
#   DEFAULT 'it's'
#   IS 'it''s'
#   imported back: "it''s"
#
# What follows for us: `gatewright design export sql` makes SQL by itself, and the docs do not send anyone over DBML.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @dbml/core@10.2.0

cat > look.mjs <<'JAVASCRIPT'
import { exporter, importer } from '@dbml/core';

const dbml = `Enum state { "it's" }
Table a {
  id int [pk, note: 'it\\'s']
  word varchar [default: 'it\\'s']
  state state
}`;
const sql = exporter.export(dbml, 'postgres');
for (const pattern of [/^ *('it.*)$/m, /(DEFAULT 'it[^,]*)/, /(IS 'it.*');/]) console.log(sql.match(pattern)?.[1]);
const back = importer.import("CREATE TYPE state AS ENUM ('it''s');\nCREATE TABLE a (id int PRIMARY KEY, s state);", 'postgres');
console.log('imported back:', back.match(/"it.*"/)?.[0]);
JAVASCRIPT
node look.mjs
