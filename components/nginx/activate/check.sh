# What drift sees of nginx beside the files of the release.

look_again() {
  find_nginx || differ "nginx is not installed"
  find_link
}

look_at_readers() {
  if [ -n "$nginx" ] && find_master; then worker_identity; else differ "nginx is not running"; fi
}

unreadable() {
  printf '%s' "and nginx's workers can't read it"
}

ignores() {
  [[ $1 == host || $1 == host-*/* ]]
}

# A user file as it is where passwords have been revoked.
compare_as() {
  if [ -s "$base/revoked" ] && [[ $1 == */users || $1 == */made-users ]]; then
    printf '%s\n' "$(without_revoked "$(cat)")"
  else
    cat
  fi
}

look_at_server() {
  local dir=$base/releases/$release links
  links=$(host_links "$dir")
  if [ -n "$nginx" ] && [ "$(links_in "$dir/host")" != "$(LC_ALL=C sort <<<"$links")" ]; then
    differ "$dir/host: is not for the nginx and the files that this host has now$(what_else "$links")"
  fi
  look_at_stored
  look_at_nginx
  [ ! -s "$base/revoked" ] ||
    warn "revoked on this host, until a release without them comes: $(cut -d ' ' -f 1 "$base/revoked" | tr '\n' ' ')"
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
  elif run_nginx -T 2>/dev/null | has_proxy_protocol && as_proxy=yes && prove; then
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
