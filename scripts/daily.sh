#!/usr/bin/env bash
# usage: scripts/daily.sh <stack> [report.md]: says what gateways and cluster hold that the stack did not write, renews
# what is due, and uses the registry as its users do. With FIX_DRIFT=true the gateways get again what they lack. Goes
# on after a failure; ends with 1 if there was one, or a difference that is still there.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/own-temporary-folder.sh
fence='``````````'
stack=$1
report=${2:-/dev/null}
failed=0
part() { # <title> <command...>
  local title=$1 text result=ok
  shift
  echo "== $title: $*"
  if text=$("$@" 2>&1); then :; else result='**not right**' failed=1; fi
  echo "$text"
  printf '### %s: %s\n\n%s\n%s\n%s\n\n' "$title" "$result" "$fence" "$text" "$fence" >>"$report"
}
quiet=(--non-interactive --color never --suppress-progress)
fix=()
if [ "${FIX_DRIFT:-}" = true ]; then fix=(--fix); fi
part "Gateways" npm run --silent drift -- --stack "$stack" "${fix[@]}"
part "Cluster" scripts/when-free.sh "$stack" refresh --preview-only --expect-no-changes "${quiet[@]}"
part "Renewal" scripts/when-free.sh "$stack" up --yes --skip-preview "${quiet[@]}"
part "Use" npm run --silent smoke -- --stack "$stack"
exit "$failed"
