# Differences between the host and the release.

# Compares the host with the release, and says every difference in a line; changes nothing. Ends with 3 if there is one.
look_closely() {
  local name dir=$base/releases/$release
  differs= group= uid=
  look_again
  if [ ! -L "$link" ]; then differ "$link: is missing"; elif [ "$(readlink "$link")" != "$dir$entry" ]; then
    differ "$link: points to $(readlink "$link") and not to $dir$entry"
  fi
  [ "$(readlink "$base/last-good")" = "$dir" ] || differ "$base/last-good: does not point to $dir"
  look_at_readers
  for name in "$root" "$base" "$base/releases"; do has_mode "$name" 755 0; done
  while read -r name; do has_mode "$name" 750 "$group"; done < <(find "$dir" -type d 2>/dev/null)
  # From here on "put" compares.
  put() { compare "$1" "$2" "$dir/$3"; }
  unpack
  while read -r name; do
    [ "$name" = MANIFEST ] || ignores "$name" || grep -q " $name\$" "$dir/MANIFEST" ||
      differ "$dir/$name: is not of this release"
  done < <(cd "$dir" 2>/dev/null && find . ! -type d | sed 's#^\./##')
  [ "$(cat "$base/owner" 2>/dev/null)" = "$owner" ] || differ "$base/owner: says another owner"
  look_at_server
  [ -z "$differs" ] || exit 3
}

differ() {
  differs=yes
  printf '%s\n' "$1"
}

# has_mode FOLDER MODE GROUP
has_mode() {
  local is
  is=$(stat -c '%a %u %g' "$1" 2>/dev/null) || { differ "$1: is missing"; return; }
  [ -n "$3" ] || return 0
  [ "$is" = "$2 0 $3" ] || differ "$1: has $(stat -c 'mode %a, owner %U, group %G' "$1"), which is not $2, root, \
$(getent group "$3" 2>/dev/null | cut -d : -f 1)"
}

# compare MODE READERS PATH: the release's file is stdin in base64.
compare() {
  local sum
  sum=$(base64 -d | compare_as "$3" | sha256sum)
  if [ ! -f "$3" ]; then differ "$3: is missing"; return 0; fi
  [ "$(sha256sum <"$3")" = "$sum" ] || differ "$3: has another content"
  [ "$(stat -c '0%a' "$3")" = "$1" ] || differ "$3: has mode $(stat -c '0%a' "$3") and not $1"
  [ "$(stat -c %u "$3")" = 0 ] || differ "$3: belongs to $(stat -c %U "$3") and not to root"
  if [ "$2" = nginx ] && [ -n "$group" ] && [ "$(stat -c %g "$3")" != "$group" ]; then
    differ "$3: has the group $(stat -c %G "$3"), $(unreadable)"
  fi
  return 0
}
