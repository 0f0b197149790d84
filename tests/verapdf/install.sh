#!/usr/bin/env bash
# Installs veraPDF, which tests/exports/test_papers.py checks every paper with, by Maven into FOLDER
# (MUNIMENT_TEST_VERAPDF, else ~/.cache/muniment/verapdf): one file of 10 MB. Needs mvn and Java 11 or newer.
# What stands there already is left as it is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${MUNIMENT_TEST_VERAPDF:-${XDG_CACHE_HOME:-$HOME/.cache}/muniment/verapdf}}
read -r _ name < "$here/verapdf.sha256"
version=${name#greenfield-apps-}

mkdir -p "$folder"
cd "$folder"
sha256sum --check --status "$here/verapdf.sha256" 2>/dev/null && exit 0
mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
  -Dartifact="org.verapdf.apps:greenfield-apps:${version%.jar}" -DoutputDirectory="$folder" -Dmdep.overWriteReleases=true
sha256sum --check --quiet "$here/verapdf.sha256"
