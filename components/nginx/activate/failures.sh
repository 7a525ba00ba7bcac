# What is said of a release that nginx refuses, or does not serve.

refuse() {
  local as_it_is=
  if [ -n "$refused_as_it_is" ]; then
    as_it_is=" (it refuses the configuration as it is now, too, without this release: fix that first)"
  fi
  fail "nginx refuses this release, nothing was changed$as_it_is; nginx says:
$verdict"
}

# not_served WHY: goes back first, and says only then what is.
not_served() {
  local errors why=$1
  trap '' TERM INT HUP
  errors=$(new_errors)
  find_master || why="nginx's master process has ended since the switch (somebody else stopped it, or it crashed)"
  go_back
  case $back_is in
    served) outcome=; why="$why, so the former one is back" ;;
    gone) outcome=; why="$why, so the site is taken away again" ;;
  esac
  fail "$why; nginx says:
${errors:-nothing in $error_log}$(advice_on "$errors")"
}

# What nginx's own words don't say.
advice_on() {
  case $1 in
    *"bind() to "*"98:"* | *"bind() to "*"ddress already in use"*)
      printf '\n%s' "Something on this host already has one address of that port, so nginx can't have all of them: \
another program, or, if it is nginx itself, a site that listens on single addresses. For the latter set \
gateways[].listenAddresses to the addresses that the registry is for; for the former stop that program. Between all \
addresses and single ones nginx can't change by a reload, since it keeps what it has: for that run once, on this host, \
rm $link && systemctl restart nginx, and then pulumi up; the site is away in between."
      ;;
  esac
}

# Which of nginx's logs have which size, before the switch.
mark_errors() {
  local log site_conf=$base/releases/$release/site.conf
  log_marks=()
  for log in "$error_log" \
    $(sed -n 's/^ *error_log "\{0,1\}\([^"; ]*\).*/\1/p' "$site_conf" 2>/dev/null | sort -u); do
    log_marks+=("$(stat -c %s "$log" 2>/dev/null || echo 0) $log")
  done
}

# What nginx has written to its logs since the switch; all of a log that was rotated meanwhile. Its lines may hold what
# a client has sent, zero bytes too.
new_errors() {
  local mark from log
  for mark in "${log_marks[@]}"; do
    read -r from log <<<"$mark"
    [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -ge "$from" ] || from=0
    tail -c "+$((from + 1))" "$log" 2>/dev/null
  done | tr -d '\000' | sed -n -E '/\[(emerg|alert|crit|error)\]/p' | sort -u | tail -n 8
}
