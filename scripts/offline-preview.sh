#!/usr/bin/env bash
# usage: scripts/offline-preview.sh <commit to compare with> <report.md> [config file...]
# What a change makes of the config files, without a secret, a cluster or a network: checks each file, and shows how the
# nginx files and the manifests differ from the other commit's. Ends with 1 if a config file has a problem. Default:
# every Pulumi.<stack>.yaml, and the examples.
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(git rev-parse --verify "$1^{commit}")
report=$(realpath "$2")
shift 2
[ $# -gt 0 ] || mapfile -t files < <(git ls-files 'Pulumi.*.yaml' 'examples/*/Pulumi.*.yaml')
[ $# -eq 0 ] || files=("$@")
work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null || true; rm -rf "$work"' EXIT

git worktree add --quiet --detach "$work/base" "$base"
if git diff --quiet "$base" HEAD -- package-lock.json; then
  ln -s "$PWD/node_modules" "$work/base/node_modules"
else
  (cd "$work/base" && npm ci --ignore-scripts --no-audit --no-fund >&2)
fi

render() { # <checkout> <config file> <folder>: what the config makes there, or its problems; ends as the rendering does
  mkdir -p "$3"
  if [ ! -f "$1/$2" ]; then return 0; fi
  (cd "$1" && npm run --silent render -- --config "$2" --out "$3") >"$work/said" 2>&1
}

fence='``````````'
status=0
: >"$report"
for file in "${files[@]}"; do
  name=${file//\//-}
  printf '#### %s\n\n' "$file" >>"$report"
  if ! render "$PWD" "$file" "$work/$name/after"; then
    status=1
    printf 'The config is not right:\n\n%s\n%s\n%s\n\n' "$fence" "$(cat "$work/said")" "$fence" >>"$report"
    continue
  fi
  if ! render "$work/base" "$file" "$work/$name/before"; then
    printf 'The config is right. There is nothing to compare it with: the other commit cannot render it.\n\n' \
      >>"$report"
    continue
  fi
  changes=$(diff -ruN "$work/$name/before" "$work/$name/after" |
    sed "s|$work/$name/||g; s/^\(---\|+++\) \([^\t]*\)\t.*/\1 \2/" || true)
  if [ -z "$changes" ]; then
    printf 'The config is right. It makes the same nginx files and manifests as before.\n\n' >>"$report"
  else
    printf 'The config is right. What it makes differs:\n\n%sdiff\n%s\n%s\n\n' "$fence" "$changes" "$fence" >>"$report"
  fi
done
cat "$report"
exit "$status"
