# What is remembered, kept and cleaned.

# The link was made before the switch. Without it a later failure goes back to what the site's link says.
remember() {
  mv -fT "$base/.new.last-good" "$base/last-good" || rm -f "$base/last-good"
  remember_more
  settle "$base"
}

# Nothing that a link or a running program may read: while one may, all stay until the next run.
prune() {
  local name count=0 used
  unused || return 0
  prune_more
  used=" $(readlink "$link")/ $before/ $(readlink "$base/last-good")/ "
  # shellcheck disable=SC2012 # the names are hashes
  ls -1t "$base/releases" | while read -r name; do
    count=$((count + 1))
    [ $count -gt $kept ] && [ "$name" != "$release" ] && [[ $used != *"/releases/$name/"* ]] || continue
    rm -rf "${base:?}/releases/$name"
  done
  return 0
}

# True if neither a link nor a running program may read the release that this run made.
is_unread() {
  [ "$(readlink "${link:-}")" != "$base/releases/${release:-}$entry" ] || return 1
  [ -z "$was_live" ] || { [[ $back_is == served || $back_is == gone ]] && unused; }
}

tidy() {
  rm -rf "$base"/.trial* "$base"/releases/.stage* "$base"/.new.*
  [ -n "${sites:-}" ] || return 0
  tidy_more
  rm -f "$sites/.zz-private-registry-$site.new"
  # If the former release could not be put back, this is what to do it with by hand.
  if [ -z "${stuck:-}" ]; then rm -f "$sites/.zz-private-registry-$site.back"; fi
  return 0
}

write_file() {
  printf '%s\n' "$2" >"$base/.new.file" && settle "$base/.new.file" && mv -fT "$base/.new.file" "$1"
}

# To the disk, so that a power cut finds it too.
settle() {
  sync "$@" 2>/dev/null || sync
}
