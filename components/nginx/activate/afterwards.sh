# What is remembered, kept and cleaned.

# If this can't be written, nothing is remembered: a later failure then goes back to what the link says.
remember() {
  ln -sfn "$base/releases/$release" "$base/.new.last-good" && mv -fT "$base/.new.last-good" "$base/last-good" ||
    rm -f "$base/last-good"
  settle "$base"
}

prune() {
  local name count=0
  # shellcheck disable=SC2012 # the names are hashes
  ls -1t "$base/releases" | while read -r name; do
    count=$((count + 1))
    if [ $count -gt $kept ] && [ "$name" != "$release" ]; then rm -rf "${base:?}/releases/$name"; fi
  done
  return 0
}

tidy() {
  rm -rf "$base"/.trial* "$base"/releases/.stage "$base"/.new.* "${sites:-$base}/.zz-private-registry-$site.new"
  return 0
}

write_file() {
  printf '%s\n' "$2" >"$base/.new.file" && settle "$base/.new.file" && mv -fT "$base/.new.file" "$1"
}

# To the disk, so that a power cut finds it too.
settle() {
  sync "$@" 2>/dev/null || sync
}
