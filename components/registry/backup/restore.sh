#!/bin/sh
# Puts into the image store below $IMAGES what the snapshot $SNAPSHOT in $BACKUPS has and the store has not. What is there stays as it is,
# a tag too. Blobs come first and tags last, so that nothing that can be seen misses a part.
set -u
store=$IMAGES/docker/registry/v2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$*" >&2; }
snapshots() { ls "$BACKUPS" | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort; }

name=$SNAPSHOT
[ "$name" != latest ] || name=$(snapshots | tail -n 1)
from=$BACKUPS/$name/docker/registry/v2
if [ -z "$name" ] || [ ! -d "$from" ]; then
  say "there is no snapshot $SNAPSHOT; there are: $(snapshots | tr '\n' ' ')"
  exit 1
fi

# Names the files of a folder of the snapshot that the store has not.
missing() {
  (cd "$from/$1" && find . -type f -name "$2" -path "$3") >"$work/all" || return 1
  while read -r file; do
    [ -e "$store/$1/$file" ] || echo "$file"
  done <"$work/all" >"$work/missing"
}

restore_blobs() {
  missing blobs data '*' || return 1
  while read -r blob; do
    mkdir -p "$store/blobs/${blob%/data}" &&
      cp "$from/blobs/$blob" "$store/blobs/$blob.part" &&
      mv "$store/blobs/$blob.part" "$store/blobs/$blob" || return 1
  done <"$work/missing"
  say "$(wc -l <"$work/missing") blobs"
}

restore_links() {
  missing repositories link "*/$1/*" || return 1
  say "$(wc -l <"$work/missing") links in $1"
  [ -s "$work/missing" ] || return 0
  sed 's|/link$||' "$work/missing" | (cd "$store/repositories" && xargs mkdir -p) || return 1
  while read -r link; do
    digest=
    read -r digest <"$from/repositories/$link" || :
    printf %s "$digest" >"$store/repositories/$link" || return 1
  done <"$work/missing"
}

say "restoring snapshot $name"
if mkdir -p "$store/blobs" "$store/repositories" && restore_blobs && restore_links _layers &&
  restore_links _manifests/revisions && restore_links _manifests/tags; then
  sync
  say "restored"
else
  say "not everything was restored; what is missing comes with another run"
  exit 1
fi
