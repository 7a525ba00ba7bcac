# What runs on a host, as root, in bash: it makes one release live, or takes it away. This half is for every kind of
# host; the other half, which knows what is served there, comes after it (components/nginx/, components/nodes/).
#
# The data comes before this text (see ../release.ts): site, owner, release, root, probes, listen, unpack() and so on.
# The rule that everything here serves: a file that a program of the host reads has been accepted before.
# So a release lies in a folder of its own that nothing points to; it is judged there; then one symbolic link is
# renamed, and only that makes it live.
#
#   $root/<site>/releases/<hash>/     a release; never changed once live, but for what a kind of host says (adapt)
#   $root/<site>/last-good            link to the release that was last seen serving
#   $root/<site>/owner                who wrote the site: "<project>/<stack>/<component> <host> <address>"
#   <link> -> $root/<site>/releases/<hash><entry>

# What a kind of host brings. Whatever can't go on calls "fail", which ends the run.
#   set_up                  sets journal, the host's record of the steps; entry, what in a release the link points to;
#                           server, the name of what serves; by_hand_too, what to run after a link was put back by hand
#   look_at_host            what can't be otherwise, before anything is written; sets link, and sites, its folder
#   look_at_needs           the same, once the site is known to be this stack's
#   find_readers            sets group, that of the readers
#   adapt, finish_staged, keep_choice DIR, before_link, ignores PATH
#                           files that depend on the host: made in $stage; put into DIR where the release was there
#                           already; taken into use right before the link is renamed; known to drift
#   look_at_staged          what a release needs beside its files
#   judge TARGET, refuse    whether TARGET may be read, and how it is said if not
#   mark_errors             what the server's logs hold before the switch
#   reload, not_taken       true once the server has read what the link names; how it is said if not
#   await_turn, not_taken_back              the same on the way back
#   tell                    the same without waiting, in the process that guards the switch
#   prove, not_proven, not_served WHY       true once users are served; how it is said, and back
#   remember_more, prune_more, look_elsewhere   once a release is live
#   unused                  true once only links name releases, and no process reads them
#   made_more, drop_more, tidy_more             what else a run has made or left
#   find_server, unlink_site, remove_more       for a delete: sets link; nobody reads the site; what else there is of it
#   look_again, look_at_readers, look_at_server, compare_as PATH, unreadable
#                           what drift sees beside the files, and says of them
#   revoke                  the verb of that name

# What passes between the files, and who sets it:
#   stage fresh adapted   stage      before new back guarded  prepare_way_back     switched was_live  switch
kept=3       # releases that stay on disk
switched=    # not empty while the link may point to a release that is not proven yet
guarded=     # the guard's process, while it waits to go back
back_is=     # what go_back has found (way-back.sh)
outcome=     # the same in words
fresh=       # not empty if this run made the release's folder
adapted=     # not empty if the release was there already, and this host now needs this other choice of its files
was_live=    # not empty once it may have been read there

main() {
  umask 077
  export LC_ALL=C TZ=UTC0 PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  # A cut connection must not stop this half-way: messages are lost then, the work is not.
  trap '' PIPE
  trap 'fail "it was stopped from outside, or took longer than it may"' TERM INT HUP
  base=$root/$site
  came_to=${2:-}
  set_up
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
  look_at_needs
  step "stage"
  stage
  look_at_staged
  step "test"
  judge "$base/releases/$release$entry" || refuse
  step "write the owner"
  write_file "$base/owner" "$owner" || fail "cannot write $base/owner"
  step "prepare the way back"
  prepare_way_back
  step "switch"
  mark_errors
  switch
  step "reload"
  reload || not_served "$(not_taken)"
  step "prove"
  prove || not_served "$(not_proven)"
  keep
  step "remember"
  remember
  prune
  tidy
  look_elsewhere
  step "done"
}

take_away() {
  [ -d "$base" ] || return 0
  lock
  step "look at the host"
  find_server
  if [ "$(cat "$base/owner" 2>/dev/null)" != "$owner" ]; then
    if [ -e "$base/owner" ] || [ -L "$link" ]; then
      echo "private-registry: this host's site $site is not ours (any more): left alone"
      return 0
    fi
  fi
  unlink_site
  step "remove"
  remove_more
  rm -rf "$base/releases" "$base/last-good" "$base"/.trial*
  tidy
  rm -rf "${base:?}"
  rmdir "$root" 2>/dev/null
  return 0
}

# One writer per host at a time: sites share the server's configuration, so they share the lock. It lives in memory, so
# that none outlives a restart, and its file stays. Asked for again and again, since not every flock can wait for so
# long.
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

check_owner() {
  local there
  there=$(cat "$base/owner" 2>/dev/null) || return 0
  if [ "$1" = create ] && [ "${there%% *}" != "${owner%% *}" ]; then
    fail "the site $site on this host was written by ${there%% *}, and this is ${owner%% *}; give the component \
another name, or, if the other one is gone for good, remove $base/owner on the host"
  fi
}

# The host's own record of every step.
step() {
  now=$1
  { printf '%(%FT%TZ)T %s %s %s\n' -1 "${base##*/}" "${release:-}" "$1" >>"$journal"; } 2>/dev/null
  return 0
}

# A moment, without a process for it.
pause() {
  local nothing
  if [ -z "${idle:-}" ]; then exec {idle}<> <(:); fi
  read -r -t 0.05 -u "$idle" nothing
  return 0
}

warn() {
  printf 'private-registry: warning: %s\n' "$1"
}
