# Differences between the host and the release.

# Compares the host with the release, and says every difference in a line; changes nothing. Ends with 3 if there is one.
look_closely() {
  local name dir=$base/releases/$release
  differs=
  find_nginx || differ "nginx is not installed"
  find_link
  if [ ! -L "$link" ]; then differ "$link: is missing"; elif [ "$(readlink "$link")" != "$dir/site.conf" ]; then
    differ "$link: points to $(readlink "$link") and not to $dir/site.conf"
  fi
  group=
  if [ -n "$nginx" ] && find_master; then worker_group; else differ "nginx is not running"; fi
  # From here on "put" compares.
  put() { compare "$1" "$2" "$dir/$3"; }
  unpack
  while read -r name; do
    case $name in
      MANIFEST | host-ca.pem | with-*.conf) ;;
      *) grep -q " $name\$" "$dir/MANIFEST" || differ "$dir/$name: is not of this release" ;;
    esac
  done < <(cd "$dir" 2>/dev/null && find . ! -type d | sed 's#^\./##')
  [ "$(cat "$base/owner" 2>/dev/null)" = "$owner" ] || differ "$base/owner: says another owner"
  if [ -z "$differs" ]; then
    SECONDS=$bound
    prove || differ "nginx: does not answer with this release"
  fi
  [ -z "$differs" ] || exit 3
}

differ() {
  differs=yes
  printf '%s\n' "$1"
}

# compare MODE READERS PATH: the release's file is stdin in base64.
compare() {
  local sum
  sum=$(base64 -d | sha256sum)
  if [ ! -f "$3" ]; then differ "$3: is missing"; return 0; fi
  [ "$(sha256sum <"$3")" = "$sum" ] || differ "$3: has another content"
  [ "$(stat -c '0%a' "$3")" = "$1" ] || differ "$3: has mode $(stat -c '0%a' "$3") and not $1"
  [ "$(stat -c %u "$3")" = 0 ] || differ "$3: belongs to $(stat -c %U "$3") and not to root"
  if [ "$2" = nginx ] && [ -n "$group" ] && [ "$(stat -c %g "$3")" != "$group" ]; then
    differ "$3: has the group $(stat -c %G "$3"), and nginx's workers can't read it"
  fi
  return 0
}
