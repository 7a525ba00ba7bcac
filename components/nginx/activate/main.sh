# What runs on an nginx host, as root, in bash: it makes one site's release live, or takes the site away.
#
# The data comes before this text (see release.ts): site, owner, release, root, probe_header, probes, unpack().
# The rule that everything here serves: a file that a start of nginx would read has been accepted by nginx before.
# So a release lies in a folder of its own that nothing points to; nginx judges the whole configuration with it in a
# private mount namespace; then one symbolic link in nginx's own folder is renamed, and only that makes it live.
#
#   $root/<site>/releases/<hash>/     a release; never changed once live
#   $root/<site>/last-good            link to the release that was last seen serving
#   $root/<site>/owner                who wrote the site: "<project>/<stack>/<component> <host> <address>"
#   <nginx>/conf.d or sites-enabled/zz-private-registry-<site>.conf -> $root/<site>/releases/<hash>/site.conf

# What passes between the files, and who sets it:
#   nginx build version conf pid_file error_log sites   find_nginx      link   find_link      master   find_master
#   working    workers            group  worker_group     stage fresh  stage   verdict refused_as_it_is  judge
#   before new back guarded  prepare_way_back     switched was_live  switch  old told  reload   errors_from  put_live
bound=5      # seconds in which workers must serve a release
kept=3       # releases that stay on disk
switched=    # not empty while the link may point to a release that is not proven yet
guarded=     # the guard's process, while it waits to go back
back_is=     # what go_back has found (way-back.sh)
outcome=     # the same in words
fresh=       # not empty if this run made the release's folder
was_live=    # not empty once nginx may have read it there

main() {
  umask 077
  export LC_ALL=C TZ=UTC0 PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  # A cut connection must not stop this half-way: messages are lost then, the work is not.
  trap '' PIPE
  trap 'fail "it was stopped from outside, or took longer than it may"' TERM INT HUP
  base=$root/$site
  case ${1:-} in
    create | update) put_live "$1" ;;
    delete) take_away ;;
    check) look_closely ;;
    *) fail "there is no '${1:-}' to do" ;;
  esac
}

put_live() {
  mkdir -p -m 755 "$root" "$base" "$base/releases" || fail "cannot write to $root"
  lock
  step "look at the host"
  find_nginx || fail "nginx is not installed on this host; install the package nginx, start it, and run pulumi up again"
  find_master || fail "nginx is not running on this host; start it (systemctl start nginx) and run pulumi up again"
  find_link
  [ -d "$sites" ] ||
    fail "there is no folder $sites, where the site has to be; make it (mkdir $sites) and run pulumi up again"
  check_owner "$1"
  step "stage"
  stage
  step "test"
  judge "$base/releases/$release/site.conf" || refuse
  step "write the owner"
  write_file "$base/owner" "$owner" || fail "cannot write $base/owner"
  step "prepare the way back"
  prepare_way_back
  step "switch"
  errors_from=$(stat -c %s "$error_log" 2>/dev/null || echo 0)
  switch
  step "reload"
  reload || not_served "nginx did not take the new configuration within $bound s"
  step "prove"
  prove || not_served "nginx reloaded, but did not answer with the new release within $bound s"
  keep
  step "remember"
  remember
  prune
  tidy
  step "done"
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
  errors_from=$(stat -c %s "$error_log" 2>/dev/null || echo 0)
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
  rm -rf "$base/releases" "$base/last-good" "$base"/.trial* "/run/private-registry-$site"
  tidy
  rm -rf "${base:?}"
  rmdir "$root" 2>/dev/null
  return 0
}

# One writer per host at a time: sites share nginx's configuration, so they share the lock. It lives in memory, so that
# none outlives a restart, and its file stays.
lock() {
  command -v flock >/dev/null || fail "this host has no flock; install the package util-linux and run pulumi up again"
  exec 9>"/run/private-registry.lock" || fail "cannot write /run/private-registry.lock"
  flock -w 60 9 || fail "another run has held this host's lock for 60 s; wait for it and run pulumi up again"
  tidy
}

# The host's own record of every step, beside nginx's logs, whose rotation it shares.
journal=/var/log/nginx/private-registry.log

step() {
  now=$1
  { printf '%(%FT%TZ)T %s %s %s\n' -1 "${base##*/}" "$release" "$1" >>"$journal"; } 2>/dev/null
  return 0
}

# fail MESSAGE: puts the former release back if the switch was made, says what is, and ends.
fail() {
  trap '' TERM INT HUP
  if [ -n "$switched" ]; then
    go_back
    case $back_is in
      served) outcome="The former release is back." ;;
      gone) outcome="The site is taken away again." ;;
    esac
  fi
  printf 'private-registry: %s%s\n' "$1" "${outcome:+
$outcome}" >&2
  step "failed: ${now:-}"
  if [ -n "$fresh" ] && is_unread; then rm -rf "$base/releases/$release"; fi
  tidy
  exit 1
}

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
    served) outcome=; fail "$why, so the former one is back; nginx says:
${errors:-nothing in $error_log}" ;;
    gone) outcome=; fail "$why, so the site is taken away again; nginx says:
${errors:-nothing in $error_log}" ;;
  esac
  fail "$why; nginx says:
${errors:-nothing in $error_log}"
}
