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
  if [ "$2" = nginx ]; then for_workers+=("$file"); fi
}

# Mode and group of all files at once, since each command costs a process.
open_to_readers() {
  local mode
  [ ${#for_workers[@]} = 0 ] || chgrp "$group" "${for_workers[@]}" || return 1
  for mode in "${!of_mode[@]}"; do
    # shellcheck disable=SC2086 # paths without spaces (see release.ts)
    chmod "$mode" ${of_mode[$mode]} || return 1
  done
}

# Unpacks beside the other releases, reads it all back, and gives it its name. A folder of that name that is there
# already holds the same release; what differs in it is put right file by file, each by a rename.
stage() {
  local dir=$base/releases/$release choice
  stage=$base/releases/.stage
  declare -gA of_mode=()
  for_workers=()
  worker_identity
  [ -n "$group" ] || fail "nginx runs no worker process; see $error_log"
  mkdir -m 750 "$stage" && chgrp "$group" "$stage" && unpack && open_to_readers && adapt && whole "$stage" ||
    fail "the release could not be written to $base (is the disk full?)"
  drop_revoked "$stage" || fail "the release could not be written to $base (is the disk full?)"
  find "$stage" -type d -exec chgrp "$group" {} +
  if command -v restorecon >/dev/null; then restorecon -R "$stage"; fi
  settle "$stage"/* "$stage"
  choice=$(readlink "$stage/host")
  if [ -d "$dir" ]; then
    whole "$dir" || repair "$dir" || fail "the release in $dir differs from what was written and cannot be repaired"
    own "$dir" || fail "cannot give the files in $dir to nginx's workers"
    if [ "$(readlink "$dir/host")" != "$choice" ]; then
      adapted=$choice
      rm -rf "${dir:?}/$choice" && mv -T "$stage/$choice" "$dir/$choice" || fail "cannot write to $dir"
    elif ! same_links "$stage/$choice" "$dir/$choice"; then
      repair_links "$stage/$choice" "$dir/$choice" || fail "cannot write to $dir"
    fi
    rm -rf "$stage"
  else
    fresh=yes
    mv -T "$stage" "$dir" || fail "cannot write to $base/releases"
  fi
  touch "$dir"
  settle "$dir" "$base/releases"
  if [ -f "$dir/users" ]; then
    find_closed "$dir/users"
    [ -z "$closed" ] || fail "$(closed_says); nothing was changed"
  fi
  forget_others
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

# Owner and group of a release that was there already: nginx's workers may have another group since then.
own() {
  local path
  chown -h 0:0 "$1"/* && find "$1" -type d -exec chown "0:$group" {} + -exec chmod 750 {} + || return 1
  sed -n 's/^[^ ]*  [^ ]* nginx //p' "$1/MANIFEST" | while read -r path; do
    chown "0:$group" "$1/$path" || exit 1
  done
}

# What another user of nginx's has remembered can't be read by the one of now, who would answer 500 for it.
forget_others() {
  find "$memory" "$memory.refused" -mindepth 1 ! -uid "$uid" -delete 2>/dev/null
  return 0
}
