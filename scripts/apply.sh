#!/usr/bin/env bash
# usage: scripts/apply.sh <stack>: brings a stack to what its config says, and then uses the registry as its users do.
set -euo pipefail
cd "$(dirname "$0")/.."
pulumi up --stack "$1" --yes --skip-preview --non-interactive --color never --suppress-progress
npm run --silent smoke -- --stack "$1"
