# What backup.sh, restore.sh and drill.sh share; it needs $BACKUPS and $work, a folder for lists. A store is a folder
# with blobs and repositories. The shell and the tools are those of the registry's images, BusyBox's, with no jq among
# them.
here=$(dirname "$0")
library=$(cat "$here/links.awk") || exit 1
# A cache (of another registry) has only what was pulled, and forgets what is over time.
CACHE=${CACHE:-}
: >"$work/hashed"

say() { echo "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

snapshots() { ls "$BACKUPS" | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort; }

# The snapshots of runs that ended well, or that were accepted.
good() { snapshots | while read -r each; do [ -e "$BACKUPS/$each/suspect" ] || echo "$each"; done; }

# The snapshot to take: `latest` is the last one that is not suspect, since the store may have been lost before the
# last one was made.
choose() {
  name=$SNAPSHOT
  if [ "$name" = latest ]; then
    name=$(good | tail -n 1)
    newest=$(snapshots | tail -n 1)
    if [ -z "$name" ] && [ -n "$newest" ]; then
      name=$newest
      say "every snapshot is suspect; this is the last one"
    fi
    for each in $(snapshots | awk -v name="$name" '$0 "" > name'); do
      say "snapshot $each is newer, but suspect, and is left out;" \
        "give its name to restore it: $(head -n 1 "$BACKUPS/$each/suspect")"
    done
  fi
  from=$BACKUPS/$name/docker/registry/v2
  [ -n "$name" ] && [ -d "$from/repositories" ] ||
    fail "there is no snapshot $SNAPSHOT; there are: $(snapshots | tr '\n' ' ')"
  [ ! -e "$BACKUPS/$name/suspect" ] || say "snapshot $name is suspect: $(head -n 1 "$BACKUPS/$name/suspect")"
}

size_of() { awk -v bytes="$1" 'BEGIN {
  split("bytes KiB MiB GiB TiB", unit, " ")
  for (place = 1; bytes >= 1024 && place < 5; place++) bytes /= 1024
  printf((place > 1 && bytes < 10) ? "%.1f %s" : "%.0f %s", bytes, unit[place]) }'; }

list_blobs() { [ ! -d "$1/blobs" ] || (cd "$1/blobs" && find . -type f -name data); }

# The files of a store's blobs, with their sizes.
list_sizes() {
  : >"$work/listed"
  [ ! -d "$1/blobs" ] || (cd "$1/blobs" && find . -type f -name data -exec ls -ln {} +) >"$work/listed" || return 1
  awk '{ print $NF, $5 }' "$work/listed"
}

# The tags of the store $1, as `<repository> <tag> <digest>`, with - for a digest that can't be read.
list_tags() {
  (cd "$1/repositories" && find . -type d -path '*/_manifests/tags/*' -prune) >"$work/tag-folders" || return 1
  awk -v root="$1/repositories" "$library"'{
    split(substr($0, 3), parts, "/_manifests/tags/")
    digest = content(root "/" $0 "/current/link")
    print parts[1], parts[2], well_formed(digest) ? digest : "-"
  }' "$work/tag-folders"
}

# Runs a command on the files of a list, in the folder $1. BusyBox's xargs reads a list wrong that comes by no pipe:
# its children move it on.
run_on() {
  folder=$1 list=$2
  shift 2
  [ ! -s "$list" ] || cat "$list" | (cd "$folder" && xargs "$@")
}

# Compares blobs of the store $1, files on stdin, with their digests, each once; $work/hashed has `<digest>
# whole|broken`.
hash_blobs() {
  awk "$library"'hashed { seen[$1] = 1; next } !seen[digest_of($0)]' hashed=1 "$work/hashed" hashed= - >"$work/unhashed"
  for algorithm in sha256 sha512; do
    grep "^\./$algorithm/" "$work/unhashed" >"$work/of-algorithm" || continue
    run_on "$1/blobs" "$work/of-algorithm" "${algorithm}sum" |
      awk "$library"'{
        digest = digest_of($2)
        print digest, $1 == substr(digest, 8) ? "whole" : "broken"
      }' >>"$work/hashed"
  done
}

# True if the file $1 is what the blob $2 has to be.
matches() {
  algorithm=${2#./}
  sum=$("${algorithm%%/*}sum" <"$1") || return 1
  hex=${2%/data}
  [ "${sum%% *}" = "${hex##*/}" ]
}

# From digests on stdin the files of those blobs that the store has and that are not known to be broken.
files_of() {
  awk "$library"'
    list == "hashed" { state[$1] = $2; next }
    list == "blobs" { there[$0] = 1; next }
    (path = blob_of($1)) in there && state[$1] != "broken" { print path }' \
    list=hashed "$work/hashed" list=blobs "$work/present" list= -
}

# The blobs of the store $1 that were pushed by their sha512: `<digest under which it lies> <that sha512>`, as a link of
# that name says it.
by_sha512() {
  (cd "$1/repositories" && find . -type f -path '*/_layers/sha512/*/link') |
    awk -v root="$1/repositories/" "$library"'sound($0, digest = content(root $0)) {
      parts = split($0, part, "/")
      print digest, "sha512:" part[parts - 1]
    }'
}

# Leaves in $work/problems what the tags in $work/roots (as of list_tags) lack in the store $1; for $2=hashing every
# blob is read. See tags.awk.
find_problems() {
  list_blobs "$1" >"$work/present" || return 1
  : >"$work/references"
  : >"$work/examined"
  awk '$3 != "-" { print $3 }' "$work/roots" | sort -u >"$work/level"
  while [ -s "$work/level" ]; do
    cat "$work/level" >>"$work/examined"
    read_manifests "$1" "$2" || return 1
    cat "$work/found" >>"$work/references"
    awk 'examined { seen[$1] = 1; next } $2 == "manifest" && !seen[$3]++ { print $3 }' \
      examined=1 "$work/examined" examined= "$work/found" >"$work/level"
  done
  if [ -n "$2" ]; then
    awk '$2 != "read" && !seen[$3]++ { print $3 }' "$work/references" | files_of | hash_blobs "$1"
    by_sha512 "$1" | files_of | hash_blobs "$1"
  fi
  list_blobs "$1" >"$work/present" || return 1
  awk -v root="$1" -v hashing="$2" -v cache="$CACHE" "$library$(cat "$here/tags.awk")" list=blobs "$work/present" \
    list=hashed "$work/hashed" list=references "$work/references" list=tags "$work/roots" >"$work/problems"
}

# Leaves in $work/found what the manifests in $work/level refer to.
read_manifests() {
  : >"$work/found"
  [ -z "$2" ] || files_of <"$work/level" | hash_blobs "$1"
  files_of <"$work/level" >"$work/manifests"
  run_on "$1/blobs" "$work/manifests" awk "$library$(cat "$here/references.awk")" >"$work/found"
}

cant_write() {
  say "$* can't be written; is the disk full? Another run goes on from here"
  exit 1
}

# Writes the links in $work/links, `<file> <digest>`, to the store $1.
write_links() {
  [ -s "$work/links" ] || return 0
  sed 's|/link .*$||' "$work/links" | (cd "$1/repositories" && xargs mkdir -p) || cant_write "links below $1"
  while read -r link digest former; do
    [ -z "$former" ] || say "names $digest again, in the place of $former, which is not whole: ${link%/current/link}"
    printf %s "$digest" >"$1/repositories/$link" || cant_write "$link"
  done <"$work/links"
}

# Prints problems, those of tags as `<repository>:<tag>: <kind> <digest> <what>`.
say_problems() {
  awk '{
    line = $1 == "-" ? "" : $1 ":"
    for (at = 3; at <= NF; at++) if ($at != "-") line = line (line == "" ? "" : " ") $at
    print line
  }' "$1" >&2
}
