# A gateway's site: what an nginx host brings to what every kind of host does (components/hosts/activate/main.sh).
#
# The rule: a file that a start of nginx would read has been accepted by nginx before. nginx judges the whole
# configuration with the release in a private mount namespace; then the link in nginx's own folder is renamed.
#
#   $root/<site>/releases/<hash>/host link to host-<sum>: which of its files this host's nginx can use (host-files.sh)
#   $root/<site>/caches               folders in which nginx keeps, or has kept, blobs (cache.sh)
#   $root/<site>/revoked              passwords that are not to open anything any more (revoke.sh)
#   <nginx>/conf.d or sites-enabled/zz-private-registry-<site>.conf -> $root/<site>/releases/<hash>/site.conf

# What passes between the files, and who sets it:
#   nginx nginx_args build version conf pid_file error_log sites   find_nginx      link   find_link
#   master   find_master      working   workers      group uid groups   worker_identity
#   verdict refused_as_it_is test_seconds   judge      old told  await_turn
#   log_marks  mark_errors      why_not away   prove
bound=5      # seconds in which workers must serve a release, on a host whose nginx tests its configuration at once

set_up() {
  entry=/site.conf
  server=nginx
  by_hand_too=" && nginx -s reload"
  memory=/run/private-registry-$site
  # Beside nginx's logs, whose rotation it shares.
  journal=/var/log/nginx/private-registry.log
}

# What can't be otherwise, before anything is written.
look_at_host() {
  find_nginx || fail "nginx is not installed on this host; install the package nginx, start it, and run pulumi up again"
  # One that was started a moment ago has not written its pid file yet.
  SECONDS=0
  until find_master || [ $SECONDS -ge 2 ]; do
    pause
    find_nginx
  done
  if ! find_master; then
    find_running && fail "nginx runs, but $pid_file does not name its master process, so it can't be told to reload; \
restart nginx (systemctl restart nginx) and run pulumi up again"
    fail "nginx is not running on this host; start it (systemctl start nginx) and run pulumi up again"
  fi
  find_link
  [ -d "$sites" ] ||
    fail "there is no folder $sites, where the site has to be; make it (mkdir $sites) and run pulumi up again"
  if [[ " ${probes[*]}" == *" https "* ]] && ! command -v curl >/dev/null && ! command -v openssl >/dev/null; then
    fail "this host has neither curl nor openssl, and one of them has to log in to prove a release; install the \
package curl and run pulumi up again"
  fi
}

look_at_needs() {
  look_at_cache
}

find_readers() {
  worker_identity
  [ -n "$group" ] || fail "nginx runs no worker process; see $error_log"
}

finish_staged() {
  drop_revoked "$1"
}

# The release was there already, perhaps for another nginx.
keep_choice() {
  local choice
  choice=$(readlink "$stage/host")
  if [ "$(readlink "$1/host")" != "$choice" ]; then
    adapted=$choice
    rm -rf "${1:?}/$choice" && mv -T "$stage/$choice" "$1/$choice"
  elif ! same_links "$stage/$choice" "$1/$choice"; then
    repair_links "$stage/$choice" "$1/$choice"
  fi
}

before_link() {
  [ -n "$adapted" ] || return 0
  ln -sfn "$adapted" "${new_host:=$base/releases/$release/.host}" && mv -fT "$new_host" "${new_host%.host}host" ||
    fail "cannot write ${new_host%.host}host"
}

look_at_staged() {
  local users=$base/releases/$release/users
  if [ -f "$users" ]; then
    find_closed "$users"
    [ -z "$closed" ] || fail "$(closed_says); nothing was changed"
  fi
  forget_others
  make_cache
}

# What another user of nginx's has remembered can't be read by the one of now, who would answer 500 for it. And no token
# stays behind where nobody shows one any more.
forget_others() {
  [ -f "$base/releases/$release/verifiers.conf" ] || find "$memory.tokens" -type f -delete 2>/dev/null
  find "$memory" "$memory.refused" "$memory.tokens" -mindepth 1 ! -uid "$uid" -delete 2>/dev/null
  return 0
}

not_proven() {
  printf '%s' "nginx reloaded, but $why_not"
}

remember_more() {
  forget_revoked
  empty_at_boot
}

unused() {
  await_old_workers
}

prune_more() {
  local name
  drop_old_caches
  for name in "$base/releases/$release"/host-*; do
    if [ "${name##*/}" != "$(readlink "$base/releases/$release/host")" ]; then rm -rf "$name"; fi
  done
}

made_more() {
  [ -n "$new_cache" ]
}

drop_more() {
  [ -z "$new_cache" ] || drop_new_cache
}

tidy_more() {
  rm -f "${conf%/*}/.private-registry-trial.conf"
}

find_server() {
  find_nginx
  find_link
}

unlink_site() {
  if [ -n "$nginx" ] && [ -L "$link" ]; then
    step "test without the site"
    judge "" || fail "nginx refuses this host's configuration without the site, so it stays; nginx says:
$verdict"
  fi
  step "unlink"
  mark_errors
  rm -f "$link" && settle "$sites" || fail "cannot remove $link"
  if [ -n "$nginx" ] && find_master; then
    step "reload"
    reload || fail "nginx did not take the configuration without the site within $bound s, so the release stays \
on disk; nginx says:
$(new_errors)"
    await_old_workers
  elif runs_unknown; then
    fail "nginx runs, but $pid_file does not name its master process, so it can't be told to reload and may still read \
the site: the release stays on disk; restart nginx and run pulumi destroy again"
  fi
}

remove_more() {
  cache=
  drop_old_caches
  empty_at_boot
  rm -rf "$memory" "$memory.refused" "$memory.tokens" "$memory.damaged"
}
