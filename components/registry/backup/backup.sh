#!/bin/sh
# Makes a snapshot of the image store below $IMAGES in $BACKUPS/<time>, while the registry runs, and keeps the last
# $KEEP good ones. A snapshot is a whole store; a blob that another one has is a hard link. One that has far less than
# those before, or a tag that leads nowhere, is marked as suspect: the run fails and removes nothing. With
# LOSSES=accepted it counts as a good one all the same.
#
# The registry writes blobs, then layer links, then revisions, then tags. Copied the other way round, everything that a
# copied link names was there before the link.
set -u
store=$IMAGES/docker/registry/v2
new=$BACKUPS/.unfinished
copy=$new/docker/registry/v2
pulse=$BACKUPS/.at-work
work=$(mktemp -d)
beating=
trap 'rm -rf "$work"; [ -z "$beating" ] || { kill "$beating"; rm -f "$pulse"; }' EXIT
trap 'exit 1' INT TERM
. "$(dirname "$0")/store.sh"
. "$here/rotation.sh"

# Copies the links that find chooses by these words. One that is empty or cut short is just being written, or is broken.
copy_links() {
  (cd "$store/repositories" && find . -type f -name link "$@") >"$work/all" || return 1
  awk -v root="$store/repositories/" -v unsound="$work/unsound" "$library"'
    sound($0, digest = content(root $0)) { print $0, digest; next }
    { print >>unsound }' "$work/all" >"$work/links"
  write_links "$copy"
}

# Each blob is read once and compared with its digest; an earlier run that was cut short has left what it copied.
copy_blobs() {
  list_sizes "$store" >"$work/blobs" && list_sizes "$last" >"$work/in-last" &&
    list_sizes "$before" >"$work/in-before" || return 1
  awk 'from { size[from, $1] = $2; next } { print $1, size[1, $1] == $2 ? 1 : size[2, $1] == $2 ? 2 : 0 }' \
    from=1 "$work/in-last" from=2 "$work/in-before" from= "$work/blobs" >"$work/sources"
  while read -r blob source; do
    [ ! -e "$copy/blobs/$blob" ] || continue
    mkdir -p "$copy/blobs/${blob%/data}" || cant_write "$blob"
    case $source in
      1) ln "$last/blobs/$blob" "$copy/blobs/$blob" 2>/dev/null && continue ;;
      2) ln "$before/blobs/$blob" "$copy/blobs/$blob" 2>/dev/null && continue ;;
    esac
    copy_blob "$blob" || return 1
  done <"$work/sources"
}

copy_blob() {
  if cp "$store/blobs/$1" "$copy/blobs/$1.part" && matches "$copy/blobs/$1.part" "$1"; then
    copied=$((copied + 1))
    mv "$copy/blobs/$1.part" "$copy/blobs/$1"
    return
  fi
  rm -f "$copy/blobs/$1.part"
  [ -e "$store/blobs/$1" ] || return 0 # a collection has just taken it
  if ! grep -qF "$1" "$work/broken"; then
    ! matches "$store/blobs/$1" "$1" || cant_write "$1"
    say "broken in the registry: $1"
    echo "$1" >>"$work/broken"
    echo "$1" | awk "$library"'{ print digest_of($0), "broken" }' >>"$work/hashed"
  fi
  # An earlier snapshot may have it as it was.
  for each in "$last" "$before"; do
    ln "$each/blobs/$1" "$copy/blobs/$1" 2>/dev/null || continue
    echo "$1" | awk "$library"'{ print digest_of($0), "whole" }' >>"$work/hashed"
    break
  done
}

# A tag whose first push is at work: the store would list the name, and answer 404.
drop_half_tags() {
  (cd "$copy/repositories" && find . -type d -path '*/_manifests/tags/*' -prune) >"$work/names" || return 1
  while read -r tag; do
    [ -e "$copy/repositories/$tag/current/link" ] || rm -rf "${copy:?}/repositories/$tag" || return 1
  done <"$work/names"
}

# Leaves in $work/problems what the copy's tags lack. One that was written or deleted at the wrong moment is whole or
# gone in the store by now: the next try has it as it is then.
tags_are_whole() {
  drop_half_tags && list_tags "$copy" >"$work/tags" && cp "$work/tags" "$work/roots" &&
    find_problems "$copy" '' || return 1
  mv "$work/problems" "$work/lacking"
  if [ -s "$work/lacking" ]; then
    list_tags "$store" | awk 'lacking { asked[$1] = 1; next } asked[$1 ":" $2]' \
      lacking=1 "$work/lacking" lacking= - >"$work/roots"
    find_problems "$store" '' || return 1
    awk 'now { still[$1] = 1; next } !still[$1] { found = 1 } END { exit !found }' \
      now=1 "$work/problems" now= "$work/lacking" && return 1
  fi
  unsound_tags >"$work/problems"
  [ ! -s "$work/problems" ] || [ "$tries" -eq 3 ] || return 1
  cat "$work/lacking" >>"$work/problems"
  awk "$library"'{ print "- - blob", digest_of($0), "is broken in the registry" }' "$work/broken" >>"$work/problems"
}

unsound_tags() {
  awk 'sub(/\/current\/link$/, "") && split(substr($0, 3), parts, "/_manifests/tags/") == 2 {
    print parts[1] ":" parts[2], "- tag - has a link that is empty or cut short" }' "$work/unsound"
}

attempt() {
  : >"$work/unsound"
  rm -rf "$copy/repositories"
  mkdir -p "$copy/repositories" "$copy/blobs" &&
    copy_links -path '*/_manifests/tags/*' && copy_links -path '*/_manifests/revisions/*' &&
    copy_links -path '*/_layers/*' ! -path '*/_manifests/*' && copy_blobs && tags_are_whole
}

# A restore has it locked while it is at work; one that was killed has left the snapshot's name in it.
restoring=$IMAGES/.restore-lock
is_restoring() {
  [ -r "$restoring" ] && command -v flock >/dev/null || return 1
  ! (exec 8<"$restoring" && flock -n -s 8) 2>"$work/said" && [ ! -s "$work/said" ]
}

is_empty() {
  [ -d "$store/repositories" ] || return 0
  [ -z "$(list_blobs "$store" | head -n 1)" ] && [ -z "$(list_tags "$store" | head -n 1)" ]
}

last=$(snapshots | tail -n 1)
if is_restoring; then
  say "a restore is at work, so the store is not whole yet; make a snapshot when it has ended"
  exit 1
fi
if is_empty; then
  [ -n "$last" ] && [ -z "$CACHE" ] || { say "there is no image to back up"; exit 0; }
  say "there is no image below $store, where snapshot $last has $(counted "$last");" \
    "see that the right volume is mounted. Nothing was removed"
  exit 1
fi
# A run that was killed leaves its sign, which then gets old.
if [ -n "$(find "$pulse" -mmin -5 2>/dev/null)" ]; then
  say "another backup is at work, or was killed less than five minutes ago"
  exit 1
fi
touch "$pulse" || exit 1
while sleep 20 && kill -0 $$; do touch "$pulse"; done >/dev/null 2>&1 &
beating=$!
# The last one may be suspect, and small: most blobs are links to the last good one's then.
before=$BACKUPS/$(good | tail -n 1)/docker/registry/v2
last=$BACKUPS/$last/docker/registry/v2
copied=0
: >"$work/broken"
tries=1
until attempt; do
  [ "$tries" -lt 3 ] || { say "the store could not be copied"; exit 1; }
  tries=$((tries + 1))
  say "the store changed while it was copied; once more"
  sleep 1
done
sync
finish
