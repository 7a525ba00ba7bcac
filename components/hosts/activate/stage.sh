# The release on the disk, before anything points to it.

make_folders() {
  local each
  for each in "$root" "$base" "$base/releases"; do
    mkdir -p -m 755 "$each" || return 1
    [ "$(stat -c '%a %u %g' "$each")" = "755 0 0" ] || { chmod 755 "$each" && chown 0:0 "$each"; } || return 1
  done
}

# put MODE READERS PATH: one file of the release, from stdin in base64. Only root can read it until all are there.
put() {
  local file=$stage/$3
  [ -d "${file%/*}" ] || mkdir -m 750 "${file%/*}" || return 1
  base64 -d >"$file" || return 1
  of_mode[$1]+=" $file"
  if [ "$2" = nginx ]; then for_readers+=("$file"); fi
}

# Mode and group of all files at once, since each command costs a process.
open_to_readers() {
  local mode
  [ ${#for_readers[@]} = 0 ] || chgrp "$group" "${for_readers[@]}" || return 1
  for mode in "${!of_mode[@]}"; do
    # shellcheck disable=SC2086 # paths without spaces (see release.ts)
    chmod "$mode" ${of_mode[$mode]} || return 1
  done
}

# Unpacks beside the other releases, reads it all back, and gives it its name. A folder of that name that is there
# already holds the same release; what differs in it is put right file by file, each by a rename.
stage() {
  local dir=$base/releases/$release
  stage=$base/releases/.stage
  declare -gA of_mode=()
  for_readers=()
  find_readers
  mkdir -m 750 "$stage" && chgrp "$group" "$stage" && unpack && open_to_readers && adapt && whole "$stage" &&
    finish_staged "$stage" || fail "the release could not be written to $base (is the disk full?)"
  find "$stage" -type d -exec chgrp "$group" {} +
  if command -v restorecon >/dev/null; then restorecon -R "$stage"; fi
  settle "$stage"/* "$stage"
  if [ -d "$dir" ]; then
    whole "$dir" || repair "$dir" || fail "the release in $dir differs from what was written and cannot be repaired"
    own "$dir" || fail "cannot give the files in $dir to the group that reads them"
    keep_choice "$dir" || fail "cannot write to $dir"
    rm -rf "$stage"
  else
    fresh=yes
    mv -T "$stage" "$dir" || fail "cannot write to $base/releases"
  fi
  touch "$dir"
  settle "$dir" "$base/releases"
}

# True if a folder holds the release: every file, its mode, its content. A line of MANIFEST is
# "<sum>  <mode> <readers> <path>".
whole() {
  local paths
  [ "$(<"$1/MANIFEST")" = "$(<"$stage/MANIFEST")" ] || return 1
  mapfile -t paths < <(sed 's/^[^ ]*  [^ ]* [^ ]* //' "$stage/MANIFEST")
  (
    cd "$1" &&
      [ "$(stat -c '0%a %n' "${paths[@]}")" = "$(sed 's/^[^ ]*  \([^ ]*\) [^ ]* /\1 /' MANIFEST)" ] &&
      [ "$(sha256sum "${paths[@]}")" = "$(sed 's/  [^ ]* [^ ]* /  /' MANIFEST)" ]
  ) 2>/dev/null
}

repair() {
  local path
  (cd "$stage" && find . -type f) | while read -r path; do
    mkdir -p -m 750 "$(dirname "$1/$path")" && mv -fT "$stage/$path" "$1/$path" || exit 1
  done && settle "$1"/*
}

# Owner and group of a release that was there already: its readers may have another group since then.
own() {
  local path
  chown -h 0:0 "$1"/* && find "$1" -type d -exec chown "0:$group" {} + -exec chmod 750 {} + || return 1
  sed -n 's/^[^ ]*  [^ ]* nginx //p' "$1/MANIFEST" | while read -r path; do
    chown "0:$group" "$1/$path" || exit 1
  done
}
