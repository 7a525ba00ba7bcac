#!/bin/sh
# Restores the newest snapshot in $BACKUPS into a store of its own below $SCRATCH, by restore.sh as it is run for the
# registry. Then it follows every tag of the snapshot to every byte of what was restored, and compares the other blobs
# with their digests, too. It only reads the snapshots, and leaves $SPARE percent of the scratch's disk free.
#
# Ends with 0 if all is whole, 1 if something is not, 2 if that could not be found out.
set -u
work=$(mktemp -d)
IMAGES=
trap 'rm -rf "$work" ${IMAGES:+"$IMAGES"}' EXIT
trap 'exit 2' INT TERM
. "$(dirname "$0")/store.sh"

not_found_out() {
  say "$*"
  exit 2
}

# The parts of a time, 26 h or 3 days, from seconds.
age() { awk -v seconds="$1" 'BEGIN {
  if (seconds < 120) printf "%d s", seconds
  else if (seconds < 7200) printf "%d min", seconds / 60
  else if (seconds < 172800) printf "%d h", seconds / 3600
  else printf "%d days", seconds / 86400 }'; }

now() { date +%s; }
count() { wc -l <"$1" | tr -d ' '; }
seconds_of() { echo "$1" | awk "$(cat "$here/times.awk")"'{ print seconds($0) }'; }
images_awk() { awk "$library$(cat "$here/times.awk" "$here/images.awk")" "$@"; }

# A backup removes no snapshot while somebody has a share of this lock; an old one has no such file.
hold() {
  [ -e "$BACKUPS/$name/counts" ] && command -v flock >/dev/null || return 0
  exec 7<"$BACKUPS/$name/counts" && flock -n -s 7 2>"$work/said" && return
  [ -s "$work/said" ] || gone
}

gone() { not_found_out "snapshot $name was removed while the drill read it; run the drill again"; }

# Files take whole blocks of 4 KiB, and each has a folder or two.
look_for_room() {
  list_sizes "$from" >"$work/sizes" && (cd "$from/repositories" && find . -type f -name link) >"$work/links" ||
    not_found_out "snapshot $name can't be listed"
  need=$(awk '{ KiB += int(($2 + 4095) / 4096) * 4 + 8 } END { printf "%.0f", KiB }' "$work/sizes")
  need=$((need + $(count "$work/links") * 12))
  set -- $(df -Pk "$SCRATCH" | tail -n 1)
  room=$(($4 - $2 / 100 * SPARE))
  [ "$room" -ge 0 ] || room=0
  say "drill of snapshot $name: $(count "$work/sizes") blobs, $(size_of $((need * 1024))) to restore," \
    "room for $(size_of $((room * 1024)))"
  [ "$room" -ge "$need" ] || not_found_out "there is no room for the drill; set storage.backup.drill.sizeGiB" \
    "to $((need * 11 / 10 / 1048576 + 1)) or more, for a volume that is there only as long as the drill"
}

restore() {
  started=$(now)
  IMAGES="$IMAGES" SNAPSHOT="$name" sh "$here/restore.sh"
  ended=$?
  restored=$(($(now) - started))
  [ -d "$BACKUPS/$name" ] || gone
  # The restore holds the name there until it has copied all that it could.
  [ -e "$IMAGES/.restore-lock" ] && [ ! -s "$IMAGES/.restore-lock" ] || [ "$ended" -eq 0 ] ||
    not_found_out "the restore did not come to its end, as said above; this says nothing of the snapshot"
}

# Leaves in $work/wrong what is wrong, in the words of tags.awk with the file of each blob.
check() {
  started=$(now)
  list_blobs "$store" | hash_blobs "$store"
  list_tags "$from" >"$work/from" && list_tags "$store" >"$work/to" && cp "$work/from" "$work/roots" &&
    find_problems "$store" hashing || not_found_out "what was restored can't be read"
  awk '
    list == "problems" { told[$1] = 1; print; next }
    list == "to" { has[$1 " " $2] = $3; next }
    $3 != has[$1 " " $2] && !told[$1 ":" $2] { print $1 ":" $2, $3, "tag - is not in the store that was restored" }' \
    list=problems "$work/problems" list=to "$work/to" list= "$work/from" >"$work/told"
  awk -v root="$from/repositories" "$library$(cat "$here/files.awk")" list=hashed "$work/hashed" \
    list=problems "$work/told" list= "$work/sizes" >"$work/wrong"
  checked=$(($(now) - started))
}

# Looks in the snapshot for the files of what is wrong, and says of each what it is in the place of what it should be.
say_wrong() {
  awk '$5 != "-" && !seen[$5]++ { print $5 }' "$work/wrong" |
    while read -r blob; do [ ! -e "$from/blobs/$blob" ] || echo "$blob"; done >"$work/there"
  : >"$work/has"
  for algorithm in sha256 sha512; do
    grep "^\./$algorithm/" "$work/there" >"$work/of-algorithm" || continue
    run_on "$from/blobs" "$work/of-algorithm" "${algorithm}sum" |
      awk -v algorithm="$algorithm" '{ print $2, algorithm ":" $1 }' >>"$work/has"
  done
  awk -v blobs="$name/docker/registry/v2/blobs" "$library$(cat "$here/named.awk")" list=sizes "$work/sizes" \
    list=there "$work/there" list=has "$work/has" list= "$work/wrong" >"$work/named"
  head -n 200 "$work/named" >&2
  [ "$(count "$work/named")" -le 200 ] || say "and $(($(count "$work/named") - 200)) more lines like these"
}

# Counts, each blob by one name, and the newest image by the time that its config says.
summarize() {
  by_sha512 "$store" >"$work/aliases"
  awk 'aliases { target[$2] = $1; next } $3 in target { $3 = target[$3] } { print }' \
    aliases=1 "$work/aliases" aliases= "$work/references" >"$work/named-once"
  bytes=$(list_sizes "$store" | awk '{ bytes += $2 } END { printf "%.0f", bytes }')
  say "restored in $(age "$restored") and read again in $(age "$checked"): $(size_of "$bytes")"
  say "$(awk '!seen[$1]++' "$work/from" | wc -l | tr -d ' ') repositories, $(count "$work/from") tags," \
    "$(images_awk wanted=counts list=hashed "$work/hashed" list=references "$work/named-once")"
  say "the snapshot is $(age $(($(now) - $(seconds_of "$name")))) old"
  awk '$2 == "config" && !seen[$3]++ { print $3 }' "$work/named-once" | files_of >"$work/configs"
  run_on "$store/blobs" "$work/configs" awk "$library$(cat "$here/created.awk")" >"$work/created"
  newest=$(images_awk wanted=newest now="$(now)" list=created "$work/created" list=references \
    "$work/named-once" list=tags "$work/from")
  [ -n "$newest" ] || { say "no image says when it was built"; return; }
  set -- $newest
  say "the newest image is $1, built $(age $(($(now) - $3))) ago, $2"
}

[ -n "$(snapshots)" ] || not_found_out "there is no snapshot yet; the backup's job makes one on its schedule," \
  "and docs/runbooks/backup.md says how to make one now"
begun=$(now)
SNAPSHOT=latest
choose
hold
look_for_room
IMAGES=$(mktemp -d "$SCRATCH/drill.XXXXXX") || not_found_out "the drill can't write below $SCRATCH"
store=$IMAGES/docker/registry/v2
restore
check
[ ! -s "$work/wrong" ] || say_wrong
[ -d "$BACKUPS/$name" ] || gone
summarize
if [ -s "$work/wrong" ]; then
  broken=$(awk '$1 != "-" && !seen[$1]++' "$work/wrong" | wc -l | tr -d ' ')
  fail "the drill failed after $(age $(($(now) - begun))): not whole are $broken of $(count "$work/from") tags of" \
    "snapshot $name, as said above; docs/runbooks/drill.md says what to do"
fi
say "the drill was good, in $(age $(($(now) - begun))): snapshot $name restores, every tag to every byte"
