# Which snapshots are good, and which may go: for backup.sh. In a snapshot lie the files
#   counts    its tags, blobs and the blobs' bytes
#   problems  what its tags lack, in the words of tags.awk
#   suspect   why it does not count as a good one
#   accepted  the same, after somebody has accepted it: only snapshots from this one on are compared with later ones

# How much less is suspect: fewer than half of the tags, of the blobs or of their bytes.
far_less() { [ $(($1 * 2)) -lt "$2" ]; }

# Tags, blobs and bytes of a snapshot, also of one that was made before they were kept.
counts() {
  [ ! -s "$BACKUPS/$1/counts" ] || { cat "$BACKUPS/$1/counts"; return; }
  tags=$(list_tags "$BACKUPS/$1/docker/registry/v2" | wc -l)
  list_sizes "$BACKUPS/$1/docker/registry/v2" |
    awk -v tags="$tags" '{ bytes += $2 } END { printf "%d %d %.0f\n", tags, NR, bytes }'
}

counted() { counts "$1" | (read -r tags blobs bytes && echo "$tags tags and $blobs blobs, $(size_of "$bytes")"); }

# The good ones since the last one that was accepted. All of them are compared with: what gets less by a little each
# night is noticed before the last one that has it all may go.
comparable() {
  good | while read -r each; do
    [ ! -e "$BACKUPS/$each/accepted" ] || echo
    echo "$each"
  done | awk '$0 == "" { count = 0; next } { list[count++] = $0 } END { for (at = 0; at < count; at++) print list[at] }'
}

# Says by how much this one has less than a good one, of several the last.
losses() {
  [ -z "$CACHE" ] || return 0
  for each in $(comparable); do
    counts "$each" | (
      read -r had_tags had_blobs had_bytes || exit
      far_less "$1" "$had_tags" || far_less "$2" "$had_blobs" || far_less "$3" "$had_bytes" || exit
      echo "$1 tags and $2 blobs where snapshot $each had $had_tags and $had_blobs," \
        "$(size_of "$3") where it had $(size_of "$had_bytes")"
    )
  done | tail -n 1
}

# What the tags lack that the last good one did not lack already.
new_problems() {
  known=$BACKUPS/$(good | tail -n 1)/problems
  [ -e "$known" ] || known=/dev/null
  awk 'known { seen[$0] = 1; next } !seen[$0]' known=1 "$known" known= "$work/problems"
}

# Names the copy a snapshot, says what it is worth, and removes old ones if it is a good one.
finish() {
  [ ! -s "$restoring" ] || echo "- - restore $(cat "$restoring") was cut short" >>"$work/problems"
  tags=$(wc -l <"$work/tags")
  set -- $((tags)) $(awk '{ bytes += $2 } END { printf "%d %.0f", NR, bytes }' "$work/blobs")
  lost=$(losses "$@")
  new_problems >"$work/new"
  cp "$work/problems" "$new/problems" && echo "$@" >"$new/counts" || exit 1
  rm -f "$new/suspect" "$new/accepted"
  if [ -n "$lost" ] || [ -s "$work/new" ]; then
    mark=suspect
    [ "${LOSSES:-refused}" != accepted ] || mark=accepted
    { [ -z "$lost" ] || echo "far less than before: $lost"; sed 's/^- - //' "$work/new"; } >"$new/$mark" || exit 1
  fi
  until name=$(date -u +%Y%m%dT%H%M%SZ) && [ ! -e "$BACKUPS/$name" ]; do sleep 1; done
  mv "$new" "$BACKUPS/$name" || exit 1
  say "snapshot $name: $1 tags, $2 blobs, $copied of them new"
  say_problems "$work/problems"
  [ -z "$lost" ] || say "far less than before: $lost"
  if [ -e "$BACKUPS/$name/suspect" ]; then
    say "the snapshot is suspect, and no old one was removed; docs/runbooks/backup.md says how to accept it"
    exit 1
  fi
  rotate
}

# Keeps the last $KEEP good ones, and suspect ones that are not older. A restore may be reading one of the others.
rotate() {
  oldest=$(good | sort -r | sed -n "${KEEP}p")
  [ -n "$oldest" ] || return 0
  if is_restoring; then
    say "a restore has begun; old snapshots are removed by the next run"
    return 0
  fi
  snapshots | awk -v oldest="$oldest" '$0 "" < oldest' | while read -r old; do
    if is_read "$old"; then
      say "a drill reads snapshot $old; the next run removes it"
    else
      rm -rf "${BACKUPS:?}/$old" && say "removed snapshot $old"
    fi
  done
}

# A drill has a share of a lock on the counts of the snapshot that it reads. The kernel takes it back when the drill
# ends, however that comes.
is_read() {
  counts=$BACKUPS/$1/counts
  [ -e "$counts" ] && command -v flock >/dev/null || return 1
  ! (exec 7<>"$counts" && flock -n -x 7) 2>"$work/said" && [ ! -s "$work/said" ]
}
