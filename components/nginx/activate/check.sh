# Differences between the host and the release.

# Compares the host with the release, and says every difference in a line; changes nothing. Ends with 3 if there is one.
look_closely() {
  local name dir=$base/releases/$release links
  differs=
  find_nginx || differ "nginx is not installed"
  find_link
  if [ ! -L "$link" ]; then differ "$link: is missing"; elif [ "$(readlink "$link")" != "$dir/site.conf" ]; then
    differ "$link: points to $(readlink "$link") and not to $dir/site.conf"
  fi
  [ "$(readlink "$base/last-good")" = "$dir" ] || differ "$base/last-good: does not point to $dir"
  group= uid=
  if [ -n "$nginx" ] && find_master; then worker_identity; else differ "nginx is not running"; fi
  for name in "$root" "$base" "$base/releases"; do has_mode "$name" 755 0; done
  while read -r name; do has_mode "$name" 750 "$group"; done < <(find "$dir" -type d 2>/dev/null)
  # From here on "put" compares.
  put() { compare "$1" "$2" "$dir/$3"; }
  unpack
  links=$(host_links "$dir")
  if [ -n "$nginx" ] && [ "$(links_in "$dir/host")" != "$(LC_ALL=C sort <<<"$links")" ]; then
    differ "$dir/host: is not for the nginx and the files that this host has now$(what_else "$links")"
  fi
  while read -r name; do
    case $name in
      MANIFEST | host | host-*/*) ;;
      *) grep -q " $name\$" "$dir/MANIFEST" || differ "$dir/$name: is not of this release" ;;
    esac
  done < <(cd "$dir" 2>/dev/null && find . ! -type d | sed 's#^\./##')
  [ "$(cat "$base/owner" 2>/dev/null)" = "$owner" ] || differ "$base/owner: says another owner"
  look_at_stored
  look_at_nginx
  [ ! -s "$base/revoked" ] ||
    warn "revoked on this host, until a release without them comes: $(cut -d ' ' -f 1 "$base/revoked" | tr '\n' ' ')"
  [ -z "$differs" ] || exit 3
}

# What nginx itself says, what its workers can read, and what a user meets.
look_at_nginx() {
  local said
  [ -n "$nginx" ] || return 0
  choose_log_mode
  said=$(umask "$log_umask" && run_nginx -t 2>&1) ||
    differ "nginx: refuses this host's configuration, so it would not start again: $(grep -m 1 -F '[emerg]' <<<"$said")"
  [ -n "$master" ] || return 0
  if [ -f "$base/releases/$release/users" ] && [ -n "$uid" ]; then
    find_closed "$base/releases/$release/users"
    [ -z "$closed" ] || differ "$closed: $(closed_says)"
  fi
  SECONDS=$bound
  speaks_proxy=
  if prove; then
    look_elsewhere
  elif run_nginx -T 2>/dev/null | grep -qE '(^|[[:space:];{])listen[[:space:]][^;]*proxy_protocol' &&
    as_proxy=yes && prove; then
    look_elsewhere
  else
    differ "nginx: $why_not"
  fi
}

# What the host's files are and what they should be, in a few words.
what_else() {
  local now
  now=$(links_in "$base/releases/$release/host")
  comm -3 <(sort <<<"$now") <(sort <<<"$1") | awk 'NF { printf "%s%s", (n++ ? ", " : ": "), $1 " " $2 }'
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
  local sum text
  if [ -s "$base/revoked" ] && [[ $3 == */users || $3 == */made-users ]]; then
    text=$(without_revoked "$(base64 -d)")
    sum=$(printf '%s\n' "$text" | sha256sum)
  else
    sum=$(base64 -d | sha256sum)
  fi
  if [ ! -f "$3" ]; then differ "$3: is missing"; return 0; fi
  [ "$(sha256sum <"$3")" = "$sum" ] || differ "$3: has another content"
  [ "$(stat -c '0%a' "$3")" = "$1" ] || differ "$3: has mode $(stat -c '0%a' "$3") and not $1"
  [ "$(stat -c %u "$3")" = 0 ] || differ "$3: belongs to $(stat -c %U "$3") and not to root"
  if [ "$2" = nginx ] && [ -n "$group" ] && [ "$(stat -c %g "$3")" != "$group" ]; then
    differ "$3: has the group $(stat -c %G "$3"), and nginx's workers can't read it"
  fi
  return 0
}
