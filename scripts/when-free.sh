#!/usr/bin/env bash
# usage: scripts/when-free.sh <stack> <pulumi's arguments...>: runs pulumi on a stack. While a different update of the
# stack runs, pulumi stops before it does anything; then this tries again for LOCK_WAIT_SECONDS (default 600).
set -uo pipefail
stack=$1
shift
bound=${LOCK_WAIT_SECONDS:-600} pause=${LOCK_PAUSE_SECONDS:-15}
# What a state in a bucket or folder says, and what Pulumi Cloud says.
locked='the stack is currently locked by|\[409\] Conflict: Another update is currently in progress'
said=$(mktemp)
trap 'rm -f "$said"' EXIT
SECONDS=0
while :; do
  pulumi "$@" --stack "$stack" 2>&1 | tee "$said"
  status=${PIPESTATUS[0]}
  if [ "$status" = 0 ] || ! grep -qE "$locked" "$said"; then exit "$status"; fi
  if [ $((SECONDS + pause)) -gt "$bound" ]; then break; fi
  echo "a different update of the stack $stack is running; trying again in $pause s" >&2
  sleep "$pause"
done
echo "the stack $stack must be free, but a different update has held it for $SECONDS s. If one runs, wait for its end" \
  "and start this again. If none does, a program that was killed has left its lock: pulumi cancel --stack $stack" >&2
exit "$status"
