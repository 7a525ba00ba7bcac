#!/usr/bin/env bash
# usage: scripts/preview.sh <stack> <report.md>: what an up would do to a deployed stack, as Markdown. Needs the
# stack's secrets.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/own-temporary-folder.sh
fence='``````````'
text=$(pulumi preview --stack "$1" --diff --non-interactive --color never --suppress-progress 2>&1)
status=$?
printf '#### pulumi preview --stack %s\n\n%sdiff\n%s\n%s\n\n' "$1" "$fence" "$text" "$fence" >>"$2"
printf '%s\n' "$text"
exit "$status"
