#!/usr/bin/env bash
# usage: scripts/release-check.sh <tag>: that a tag, the package and the changelog speak of the same version, and what
# the package would hold.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(node -p 'require("./package.json").version')
[ "$1" = "v$version" ] || { echo "the tag is $1, and package.json has version $version" >&2; exit 1; }
grep -qF "## [$version]" CHANGELOG.md || { echo "CHANGELOG.md has no section [$version]" >&2; exit 1; }
golden=test/golden/resources.json kept=test/golden/releases/$version.json
cmp -s "$golden" "$kept" || { echo "$kept is not what this version makes; copy $golden there" >&2; exit 1; }
npm pack --dry-run
