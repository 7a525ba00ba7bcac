# What runs on an nginx host, as root, in bash: it makes one site's release live, or takes the site away.
#
# The data comes before this text (see release.ts): site, owner, release, root, probes, listen, unpack() and so on.
# The rule that everything here serves: a file that a start of nginx would read has been accepted by nginx before.
# So a release lies in a folder of its own that nothing points to; nginx judges the whole configuration with it in a
# private mount namespace; then one symbolic link in nginx's own folder is renamed, and only that makes it live.
#
#   $root/<site>/releases/<hash>/     a release; never changed once live, but for:
#   $root/<site>/releases/<hash>/host link to host-<sum>: which of its files this host's nginx can use (host-files.sh)
#   $root/<site>/last-good            link to the release that was last seen serving
#   $root/<site>/owner                who wrote the site: "<project>/<stack>/<component> <host> <address>"
#   $root/<site>/caches               folders in which nginx keeps, or has kept, blobs (cache.sh)
#   $root/<site>/revoked              passwords that are not to open anything any more (revoke.sh)
#   <nginx>/conf.d or sites-enabled/zz-private-registry-<site>.conf -> $root/<site>/releases/<hash>/site.conf

# What passes between the files, and who sets it:
#   nginx nginx_args build version conf pid_file error_log sites   find_nginx      link   find_link
#   master   find_master      working   workers      group uid groups   worker_identity
#   stage fresh adapted   stage      verdict refused_as_it_is test_seconds   judge
#   before new back guarded  prepare_way_back     switched was_live  switch  old told  reload
#   log_marks  mark_logs      why_not away   prove
bound=5      # seconds in which workers must serve a release, on a host whose nginx tests its configuration at once
kept=3       # releases that stay on disk
switched=    # not empty while the link may point to a release that is not proven yet
guarded=     # the guard's process, while it waits to go back
back_is=     # what go_back has found (way-back.sh)
outcome=     # the same in words
fresh=       # not empty if this run made the release's folder
adapted=     # not empty if the release was there already, and this host now needs this other choice of its files
was_live=    # not empty once nginx may have read it there

main() {
  umask 077
  export LC_ALL=C TZ=UTC0 PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  # A cut connection must not stop this half-way: messages are lost then, the work is not.
  trap '' PIPE
  trap 'fail "it was stopped from outside, or took longer than it may"' TERM INT HUP
  base=$root/$site
  memory=/run/private-registry-$site
  came_to=${2:-}
  case ${1:-} in
    create | update) put_live "$1" ;;
    delete) take_away ;;
    check) look_closely ;;
    revoke) revoke ;;
    *) fail "there is no '${1:-}' to do" ;;
  esac
  # Without this line nobody takes the run for a finished one: whatever ran instead can end with 0, too.
  printf 'private-registry: done %s %s %s %(%s)T\n' "$1" "$site" "${release:-}" -1
}

put_live() {
  make_folders || fail "cannot write to $root"
  lock
  step "look at the host"
  look_at_host
  check_owner "$1"
  look_at_cache
  step "stage"
  stage
  make_cache
  step "test"
  judge "$base/releases/$release/site.conf" || refuse
  step "write the owner"
  write_file "$base/owner" "$owner" || fail "cannot write $base/owner"
  step "prepare the way back"
  prepare_way_back
  step "switch"
  mark_logs
  switch
  step "reload"
  reload || not_served "nginx did not take the new configuration within $bound s"
  step "prove"
  prove || not_served "nginx reloaded, but $why_not"
  keep
  step "remember"
  remember
  prune
  tidy
  look_elsewhere
  step "done"
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

take_away() {
  [ -d "$base" ] || return 0
  lock
  step "look at the host"
  find_nginx
  find_link
  if [ "$(cat "$base/owner" 2>/dev/null)" != "$owner" ]; then
    if [ -e "$base/owner" ] || [ -L "$link" ]; then
      echo "private-registry: this host's site $site is not ours (any more): left alone"
      return 0
    fi
  fi
  if [ -n "$nginx" ] && [ -L "$link" ]; then
    step "test without the site"
    judge "" || fail "nginx refuses this host's configuration without the site, so it stays; nginx says:
$verdict"
  fi
  step "unlink"
  mark_logs
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
  step "remove"
  cache=
  drop_old_caches
  empty_at_boot
  rm -rf "$base/releases" "$base/last-good" "$base"/.trial* "$memory" "$memory.refused" "$memory.damaged"
  tidy
  rm -rf "${base:?}"
  rmdir "$root" 2>/dev/null
  return 0
}

# One writer per host at a time: sites share nginx's configuration, so they share the lock. It lives in memory, so that
# none outlives a restart, and its file stays. Asked for again and again, since not every flock can wait for so long.
lock() {
  command -v flock >/dev/null || fail "this host has no flock; install the package util-linux and run pulumi up again"
  exec 9>"/run/private-registry.lock" || fail "cannot write /run/private-registry.lock"
  SECONDS=0
  until flock -n 9; do
    [ $SECONDS -lt 60 ] ||
      fail "another run has held this host's lock for 60 s; wait for it and run pulumi up again"
    pause
  done
  tidy
}

# The host's own record of every step, beside nginx's logs, whose rotation it shares.
journal=/var/log/nginx/private-registry.log

step() {
  now=$1
  { printf '%(%FT%TZ)T %s %s %s\n' -1 "${base##*/}" "${release:-}" "$1" >>"$journal"; } 2>/dev/null
  return 0
}
