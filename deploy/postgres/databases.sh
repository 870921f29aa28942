#!/usr/bin/env bash
# Makes the two databases at the first start, each with an owner that can do nothing elsewhere.
set -euo pipefail

make_database() { # name and password; psql quotes both
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database assistant "$DATABASE_PASSWORD"
make_database hr "$HR_DATABASE_PASSWORD"
