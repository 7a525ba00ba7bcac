#!/usr/bin/env bash
# usage: scripts/deployed-commit.sh <owner/repository> <environment>: prints the commit of the last deployment there that succeeded. Needs gh and GH_TOKEN.
# The daily run works on that commit, so that it renews and applies nothing that nobody has approved.
set -euo pipefail
deployments=$(gh api "repos/$1/deployments?environment=$2&per_page=20" --jq '.[] | "\(.id) \(.sha)"')
while read -r id commit; do
  [ -n "$id" ] || continue
  state=$(gh api "repos/$1/deployments/$id/statuses?per_page=1" --jq '.[0].state // ""')
  if [ "$state" = success ]; then
    echo "$commit"
    exit 0
  fi
done <<<"$deployments"
echo "no deployment to $2 has succeeded yet" >&2
exit 1
