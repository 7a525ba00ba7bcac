# What is on the host: nginx, its processes, its folders, and who wrote the site.

find_nginx() {
  nginx=$(command -v nginx) || return 1
  build=$("$nginx" -V 2>&1)
  version=0
  [[ $build =~ nginx/([0-9.]+) ]] && version=${BASH_REMATCH[1]}
  conf=/etc/nginx/nginx.conf
  [[ $build =~ --conf-path=([^[:space:]]+) ]] && conf=${BASH_REMATCH[1]}
  pid_file=/run/nginx.pid
  [[ $build =~ --pid-path=([^[:space:]]+) ]] && pid_file=${BASH_REMATCH[1]}
  error_log=/var/log/nginx/error.log
  # Debian includes sites-enabled after conf.d. A site that comes first on a port is the port's default one, and that
  # must not be ours where there are others: so ours goes where it is read last.
  sites=${conf%/*}/conf.d
  local directive offset length value
  includes=()
  while read -r directive offset length value; do
    case $directive in
      pid) pid_file=$value ;;
      error_log) error_log=$value ;;
      include)
        includes+=("$offset $length $value")
        if [[ $value == *sites-enabled/* ]]; then sites=${conf%/*}/sites-enabled; fi
        ;;
    esac
  done < <(list_directives)
}

# What the main configuration says of pid, error_log and includes: "<directive> <offset> <length> <value>" of the first
# argument, read as nginx does: quotes, escapes, comments, and several directives on a line.
list_directives() {
  awk '
    { text = text $0 "\n" }
    END {
      end = length(text)
      for (at = 1; at <= end; ) {
        c = substr(text, at, 1)
        if (c ~ /[ \t\r\n]/) { at++; continue }
        if (c == "#") { while (at <= end && substr(text, at, 1) != "\n") at++; continue }
        if (c ~ /[;{}]/) {
          if (c == ";" && count > 1 && (word[1] == "include" || depth == 0 && word[1] ~ /^(pid|error_log)$/))
            print word[1], from[2] - 1, upto[2] - from[2], word[2]
          depth += (c == "{") - (c == "}"); count = 0; at++; continue
        }
        begin = at; value = ""; quote = ""
        if (c == "\"" || c == "\047") { quote = c; at++ }
        for (; at <= end; at++) {
          c = substr(text, at, 1)
          if (quote == "" ? c ~ /[ \t\r\n;{]/ : c == quote) break
          if (c == "\\") {
            c = substr(text, ++at, 1)
            if (c != "\"" && c != "\047" && c != "\\") value = value "\\"
          }
          value = value c
        }
        if (quote != "") at++
        count++; word[count] = value; from[count] = begin; upto[count] = at
      }
    }' "$conf"
}

find_link() {
  local name=zz-private-registry-$site.conf other
  # Where nginx reads it already: the include may have been written in another way since then.
  for other in "${conf%/*}/sites-enabled" "${conf%/*}/conf.d"; do
    if [ -n "$nginx" ] && [ ! "$other" -ef "$sites" ] && [ -L "$other/$name" ] && reads "$other/$name"; then
      sites=$other
    fi
  done
  link=${sites:-/etc/nginx/conf.d}/$name
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    fail "$link is there and is no link of ours; move it away and run pulumi up again"
  fi
}

# True if nginx, as it is configured now, reads a file.
reads() {
  "$nginx" -T 2>/dev/null | grep -qxF "# configuration file $1:"
}

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

# The group that the workers run in.
worker_group() {
  # An nginx that has just been started may not have any yet.
  SECONDS=0
  until workers && [ -n "$working" ] || [ $SECONDS -ge 2 ]; do pause; done
  group=$(sed -n 's/^Gid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/${working%% *}/status" 2>/dev/null)
}

check_owner() {
  local there
  there=$(cat "$base/owner" 2>/dev/null) || return 0
  if [ "$1" = create ] && [ "${there%% *}" != "${owner%% *}" ]; then
    fail "the site $site on this host was written by ${there%% *}, and this is ${owner%% *}; give the component \
another name, or, if the other one is gone for good, remove $base/owner on the host"
  fi
}
