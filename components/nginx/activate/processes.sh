# nginx's processes, and who its workers are.

find_master() {
  master=
  { read -r master <"$pid_file"; } 2>/dev/null
  title "$master"
  [[ $titled == "nginx: master process"* ]] || { master=; return 1; }
}

# What a process calls itself, in titled. Without a process, as all that the way back needs.
title() {
  titled=
  [ -n "$1" ] && { IFS= read -r -d '' titled <"/proc/$1/cmdline"; } 2>/dev/null
  return 0
}

# The workers of the master that have not been told to leave, in working.
workers() {
  local child all=
  if [ -r "/proc/$master/task/$master/children" ]; then
    { read -r all <"/proc/$master/task/$master/children"; } 2>/dev/null
  else
    all=$(grep -l "^PPid:[[:space:]]*$master\$" /proc/[0-9]*/status 2>/dev/null | tr -dc '0-9\n')
  fi
  working=
  for child in $all; do
    title "$child"
    case $titled in
      *"shutting down"*) ;;
      "nginx: worker process"*) working+="$child " ;;
    esac
  done
}

# True if there is a process of nginx that may read our releases and that is neither the master nor one of "working": a
# worker that still has a transfer to finish, or one whose master has gone.
others_run() {
  local each pid
  for each in /proc/[0-9]*; do
    pid=${each#/proc/}
    title "$pid"
    [[ $titled == "nginx: "@(worker|master)" process"* ]] && [ "$pid" != "$master" ] &&
      [[ " $working" != *" $pid "* ]] || continue
    # One in a container has other folders. Where that can't be seen, it is taken for one of this host's.
    [ -d "$each/root$root" ] && ! [ "$each/root$root" -ef "$root" ] && continue
    if [ -d "$each/root/etc" ] && [ ! -d "$each/root$root" ]; then continue; fi
    return 0
  done
  return 1
}

# True if an nginx runs that the pid file does not name.
runs_unknown() {
  master=
  working=
  others_run
}

# True once no worker is left that may read a release which nothing points to any more; waits a moment for them.
await_old_workers() {
  SECONDS=0
  while find_master && workers && others_run; do
    [ $SECONDS -lt 2 ] || return 1
    pause
  done
  [ -n "$master" ]
}

# As whom the workers run: uid, group and groups. An nginx that has just been started may not have any yet, and in a
# reload of somebody else's one may be gone that was there a moment ago.
worker_identity() {
  SECONDS=0
  until find_master && workers && read_identity || [ $SECONDS -ge 2 ]; do pause; done
}

read_identity() {
  local line
  uid= group= groups=
  [ -n "$working" ] || return 1
  while read -r line; do
    case $line in
      Uid:*) read -r _ uid _ <<<"$line" ;;
      Gid:*) read -r _ group _ <<<"$line" ;;
      Groups:*) groups=${line#Groups:} ;;
    esac
  done < <(cat "/proc/${working%% *}/status" 2>/dev/null)
  [ -n "$group" ]
}

# The first folder on the way to $1 that the workers can't enter, in closed; empty if they can read $1, or if this host
# has nothing to find it out with: then the proof does.
find_closed() {
  local path list
  closed=
  [ -n "$uid" ] && command -v setpriv >/dev/null || return 0
  list=${groups//[[:space:]]/ }
  list=${list# }
  list=${list% }
  as_worker=(setpriv --reuid="$uid" --regid="$group" --clear-groups)
  [ -z "$list" ] || as_worker=(setpriv --reuid="$uid" --regid="$group" --groups="${list// /,}")
  "${as_worker[@]}" true 2>/dev/null || return 0
  "${as_worker[@]}" test -r "$1" 2>/dev/null && return 0
  path=
  while read -r -d / part; do
    path+=${part:+/$part}
    if ! "${as_worker[@]}" test -x "${path:-/}"; then closed=${path:-/}; return 0; fi
  done <<<"$1"
  closed=$1
}

# How to open what find_closed has found.
closed_says() {
  printf '%s' "nginx's workers (user $(id -nu "$uid" 2>/dev/null || echo "$uid")) can't get past $closed \
($(stat -c 'mode %a, %U:%G' "$closed")), so nobody could log in; let them enter it: chmod o+x $closed"
}
