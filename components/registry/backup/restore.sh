#!/bin/sh
# Puts into the image store below $IMAGES what the snapshot $SNAPSHOT in $BACKUPS has and the store has not, or has
# broken. What is whole there stays as it is, a tag too. Blobs come first and tags last, so that nothing that can be
# seen misses a part; at the end every tag is followed to every byte.
set -u
store=$IMAGES/docker/registry/v2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
. "$(dirname "$0")/store.sh"

# Two locks of the kernel, which takes them back when this ends or is killed, however that comes. One is for restores
# only, and holds the snapshot's name until all of it has been copied: a backup asks for it. The other is what
# collection.ts has a collection wait for.
take_locks() {
  unfinished=$IMAGES/.restore-lock
  collecting=$IMAGES/.collection-lock
  mkdir -p "$store/blobs" "$store/repositories" || fail "the restore can't write below $IMAGES"
  if ! command -v flock >/dev/null; then
    [ ! -e "$collecting" ] ||
      fail "a registry collects here, and without flock the restore can't keep apart from it;" \
        "take the registry's own image, or another one that has flock"
    return 0
  fi
  (: 8<>"$unfinished" 9<>"$collecting") || fail "the restore has to write to that file; let the registry's user own it"
  exec 8<>"$unfinished" 9<>"$collecting"
  try_lock -x 8 || fail "another restore is at work; start this one when it has ended"
  try_lock -s 9 && return
  say "a collection is at work; the restore begins when it has ended"
  flock -s 9 || fail "the restore got no share of the lock $collecting"
}

# True where a volume has no locks, too: there nobody collects.
try_lock() {
  flock -n "$@" 2>"$work/said" && return
  [ -s "$work/said" ] && say "this volume has no locks: $(cat "$work/said")"
}

# A blob that is there is read, too: one that is empty or cut short comes back.
put_blobs() {
  (cd "$store/blobs" && find . -type f -name data.part -exec rm -f {} +) || return 1
  list_blobs "$from" >"$work/blobs" || return 1
  while read -r blob; do [ ! -e "$store/blobs/$blob" ] || echo "$blob"; done <"$work/blobs" >"$work/there"
  hash_blobs "$store" <"$work/there"
  awk "$library"'whole { seen[$1] = $2; next } seen[digest_of($0)] != "whole"' \
    whole=1 "$work/hashed" whole= "$work/blobs" >"$work/wanted"
  put=0 replaced=0
  while read -r blob; do put_blob "$blob" || return 1; done <"$work/wanted"
  say "$put blobs"
}

put_blob() {
  part=$store/blobs/$1.part
  digest=$(echo "$1" | awk "$library"'{ print digest_of($0) }')
  mkdir -p "${part%/*}" || cant_write "${part%/*}"
  if ! cp "$from/blobs/$1" "$part"; then
    rm -f "$part"
    cat "$from/blobs/$1" >/dev/null || { say "can't be read in the snapshot: $digest"; return 0; }
    cant_write "the blob $digest"
  fi
  if ! matches "$part" "$1"; then
    rm -f "$part"
    say "broken in the snapshot: $digest"
    return 0
  fi
  if [ -e "${part%.part}" ]; then
    say "replaces what was broken in the store: $digest"
    replaced=$((replaced + 1))
  fi
  mv "$part" "${part%.part}" || return 1
  echo "$digest whole" >>"$work/hashed"
  put=$((put + 1))
}

# Puts the links with these paths that the store has not, or has empty, cut short or wrong. Those in the index of a
# tag only where the tag is.
put_links() {
  (cd "$from/repositories" && find . -type f -name link -path "$1") >"$work/all" || return 1
  awk -v from="$from/repositories/" -v to="$store/repositories/" "$library"'{
    tag = $0
    if (sub(/\/index\/[^\/]*\/[^\/]*\/link$/, "/current/link", tag) && !sound(tag, content(to tag))) next
    if (!sound($0, content(to $0)) && sound($0, digest = content(from $0))) print $0, digest
  }' "$work/all" >"$work/links"
  kind=${1#'*/'}
  say "$(wc -l <"$work/links") links in ${kind%'/*'}"
  write_links "$store"
}

# Of each tag what the snapshot names and, where that is different, what the store names.
list_roots() {
  list_tags "$from" >"$work/from" && list_tags "$store" >"$work/to" || return 1
  awk 'to { has[$1 " " $2] = $3; print; next }
    $3 != has[$1 " " $2] && ($3 != "-" || !(($1 " " $2) in has))' to=1 "$work/to" to= "$work/from" >"$work/roots"
}

# A tag that the store has not, or that leads nowhere there, is the snapshot's again, if the manifest has come; one
# that lacks other parts too.
put_tags() {
  list_roots && find_problems "$store" hashing || return 1
  awk '
    list == "problems" { lacks[$1 " " $2]++; if ($4 == $2) gone[$1 " " $2] = 1; next }
    list == "to" { has[$1 ":" $2] = $3; next }
    {
      tag = $1 ":" $2
      former = (tag in has) && has[tag] != "-" ? has[tag] : ""
      if ($3 == "-" || former == $3 || gone[tag " " $3]) next
      if (former != "" && (!lacks[tag " " former] || lacks[tag " " $3])) next
      print "./" $1 "/_manifests/tags/" $2 "/current/link", $3, former
    }' list=problems "$work/problems" list=to "$work/to" list= "$work/from" >"$work/links"
  say "$(wc -l <"$work/links") tags"
  write_links "$store" && put_links '*/_manifests/tags/*/index/*'
}

# The end: what the snapshot has, and what its tags name in the store now.
check_tags() {
  list_roots && find_problems "$store" hashing || return 1
  awk '
    to { there[$1 " " $2] = ($3 != "-"); next }
    !there[$1 " " $2] { print $1 ":" $2, "- tag - is not in the store" }' \
    to=1 "$work/to" to= "$work/from" >"$work/mine"
  awk 'tags { mine[$1 ":" $2] = 1; next } mine[$1] && $3 != "tag"' \
    tags=1 "$work/from" tags= "$work/problems" >>"$work/mine"
  awk 'tags { mine[$1 ":" $2] = 1; next } !mine[$1]' tags=1 "$work/from" tags= "$work/problems" >"$work/others"
  [ ! -s "$work/others" ] || say "broken in the store, and not in this snapshot:"
  say_problems "$work/others"
  say_problems "$work/mine"
}

choose
take_locks
say "restoring snapshot $name"
echo "$name" >"$unfinished" || exit 1
if ! put_blobs || ! put_links '*/_layers/*' || ! put_links '*/_manifests/revisions/*' ||
  ! put_tags || ! check_tags; then
  fail "the restore stopped halfway; another run goes on from here"
fi
sync
: >"$unfinished"
if [ -s "$work/mine" ]; then
  count=$(cut -d ' ' -f 1 "$work/mine" | sort -u | wc -l)
  fail "not whole are $count of $(wc -l <"$work/from") tags, as said above; another snapshot may have what they lack"
fi
[ "$replaced" -eq 0 ] || say "a registry that runs may remember how long the $replaced broken ones were: restart it"
say "restored: $(wc -l <"$work/from") tags, each with every layer"
