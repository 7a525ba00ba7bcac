#!/bin/sh
# Makes a snapshot of the image store below $IMAGES in $BACKUPS/<time>, while the registry runs, and keeps the last $KEEP. A snapshot is a
# whole store; a blob that the last one has is a hard link.
#
# The registry writes blobs, then layer links, then revisions, then tags. Copied the other way round, everything that a copied
# link names was there before the link.
set -u
store=$IMAGES/docker/registry/v2
new=$BACKUPS/.unfinished
copy=$new/docker/registry/v2
pulse=$BACKUPS/.at-work
work=$(mktemp -d)
beating=
trap 'rm -rf "$work"; [ -z "$beating" ] || { kill "$beating"; rm -f "$pulse"; }' EXIT
trap 'exit 1' INT TERM

say() { echo "$*" >&2; }
snapshots() { ls "$BACKUPS" | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort; }

# Copies the links whose path has a part such as _layers, and leaves their list. One that is just being written or deleted is left out.
copy_links() {
  (cd "$store/repositories" && find . -type f -name link -path "*/$1/*") >"$work/links" || return 1
  [ -s "$work/links" ] || return 0
  sed 's|/link$||' "$work/links" | (cd "$copy/repositories" && xargs mkdir -p) || return 1
  while read -r link; do
    digest=
    read -r digest 2>/dev/null <"$store/repositories/$link" || :
    [ ${#digest} -lt 32 ] || printf %s "$digest" >"$copy/repositories/$link" || return 1
  done <"$work/links"
}

# Each blob is read once and compared with its digest; an earlier run that was cut short has left what it copied.
copy_blobs() {
  (cd "$store/blobs" && find . -type f -name data) >"$work/blobs" || return 1
  while read -r blob; do
    [ -e "$copy/blobs/$blob" ] && continue
    mkdir -p "$copy/blobs/${blob%/data}" || return 1
    [ -n "$last" ] && ln "$last/blobs/$blob" "$copy/blobs/$blob" 2>/dev/null && continue
    cp "$store/blobs/$blob" "$copy/blobs/$blob.part" || return 1
    sum=$(sha256sum <"$copy/blobs/$blob.part") || return 1
    hex=${blob%/data}
    if [ "${sum%% *}" = "${hex##*/}" ]; then
      mv "$copy/blobs/$blob.part" "$copy/blobs/$blob" || return 1
      copied=$((copied + 1))
    else
      rm -f "$copy/blobs/$blob.part"
      say "broken in the registry: $blob"
      broken=1
    fi
  done <"$work/blobs"
}

# True if a tag's link below $1 names a manifest that is there.
leads_to_manifest() {
  digest=
  read -r digest <"$1/repositories/$2" 2>/dev/null || :
  hex=${digest#*:}
  [ ${#hex} -ge 32 ] || return 1
  [ -f "$1/blobs/${digest%%:*}/${hex%"${hex#??}"}/$hex/data" ] &&
    [ -f "$1/repositories/${2%%/_manifests/*}/_manifests/revisions/${digest%%:*}/$hex/link" ]
}

# A tag that was written or deleted at the wrong moment: the next try has it whole.
tags_are_whole() {
  while read -r tag; do
    leads_to_manifest "$copy" "$tag" && continue
    leads_to_manifest "$store" "$tag" && return 1
    say "gone, or leads nowhere in the registry either: $tag"
  done <"$work/tags"
}

# A tag whose first push is at work, or whose link was being written: the store would list the name, and answer 404.
drop_half_tags() {
  (cd "$copy/repositories" && find . -type d -path '*/_manifests/tags/*' -prune) >"$work/names" || return 1
  while read -r tag; do
    [ -e "$copy/repositories/$tag/current/link" ] || rm -rf "${copy:?}/repositories/$tag" || return 1
  done <"$work/names"
}

attempt() {
  copied=0
  broken=
  rm -rf "$copy/repositories"
  mkdir -p "$copy/repositories" "$copy/blobs" &&
    copy_links _manifests/tags && { grep /current/link "$work/links" >"$work/tags" || :; } &&
    copy_links _manifests/revisions && copy_links _layers && copy_blobs && tags_are_whole && drop_half_tags
}

if [ ! -d "$store/repositories" ]; then
  say "there is no image to back up"
  exit 0
fi
# A run that was killed leaves its sign, which then gets old.
if [ -n "$(find "$pulse" -mmin -5 2>/dev/null)" ]; then
  say "another backup is at work, or was killed less than five minutes ago"
  exit 1
fi
touch "$pulse" || exit 1
while sleep 20 && kill -0 $$; do touch "$pulse"; done >/dev/null 2>&1 &
beating=$!
last=$(snapshots | tail -n 1)
last=${last:+$BACKUPS/$last/docker/registry/v2}
tries=1
until attempt; do
  [ "$tries" -lt 3 ] || { say "the store could not be copied"; exit 1; }
  tries=$((tries + 1))
  say "the store changed while it was copied; once more"
done
sync
name=$(date -u +%Y%m%dT%H%M%SZ)
mv "$new" "$BACKUPS/$name" || exit 1
say "snapshot $name: $(wc -l <"$work/tags") tags, $(wc -l <"$work/blobs") blobs, $copied of them new"
snapshots | sort -r | tail -n "+$((KEEP + 1))" | while read -r old; do
  rm -rf "${BACKUPS:?}/$old" && say "removed snapshot $old"
done
[ -z "$broken" ]
