#!/usr/bin/env bash
# usage: scripts/apply.sh <stack>: brings a stack to what its config says, and then uses the registry as its users do.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/own-temporary-folder.sh
scripts/when-free.sh "$1" up --yes --skip-preview --non-interactive --color never --suppress-progress
npm run --silent smoke -- --stack "$1"
