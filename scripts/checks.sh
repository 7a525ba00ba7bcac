#!/usr/bin/env bash
# What every change has to pass that needs no root, no lab and no secret.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent lint
npm run --silent typecheck
npm run --silent test:unit
