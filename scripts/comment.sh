#!/usr/bin/env bash
# usage: scripts/comment.sh <owner/repository> <pull request> <head commit> <report.md>: keeps one comment of a pull
# request up to date. Needs gh and GH_TOKEN.
# The report comes from the pull request's own code: the number is used only if that request has this very commit, and
# the text is cut to what a comment holds.
set -euo pipefail
repository=$1 number=$2 commit=$3 report=$4
mark='<!-- private-registry: preview -->'
[[ $number =~ ^[0-9]+$ ]] || { echo "not the number of a pull request: $number" >&2; exit 1; }
head=$(gh api "repos/$repository/pulls/$number" --jq .head.sha)
[ "$head" = "$commit" ] || { echo "pull request $number has moved on to $head" >&2; exit 0; }
text=$(head -c 60000 "$report")
if [ "$(wc -c <"$report")" -gt 60000 ]; then
  text+=$'\n``````````\n\nCut here; the whole report is an artifact of the run.'
fi
body=$(printf '%s\n### What this change makes, at %s\n\n%s\n' "$mark" "${commit:0:12}" "$text")
old=$(gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1)
input=$(jq -n --arg body "$body" '{body: $body}')
if [ -n "$old" ]; then
  gh api --method PATCH "repos/$repository/issues/comments/$old" --input - --silent <<<"$input"
else
  gh api --method POST "repos/$repository/issues/$number/comments" --input - --silent <<<"$input"
fi
