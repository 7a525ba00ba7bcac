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
  local main_text
  main_text=$'\n'$(<"$conf")
  [[ $main_text =~ $'\n'[[:space:]]*pid[[:space:]]+([^;[:space:]]+)[[:space:]]*\; ]] && pid_file=${BASH_REMATCH[1]}
  error_log=/var/log/nginx/error.log
  [[ $main_text =~ $'\n'[[:space:]]*error_log[[:space:]]+([^;[:space:]]+) ]] && error_log=${BASH_REMATCH[1]}
  # Debian includes sites-enabled after conf.d. A site that comes first on a port is the port's default one, and that
  # must not be ours where there are others: so ours goes where it is read last.
  sites=$(dirname "$conf")/conf.d
  if [[ $main_text =~ $'\n'[[:space:]]*include[[:space:]]+[^\;]*sites-enabled/ ]]; then
    sites=$(dirname "$conf")/sites-enabled
  fi
}

find_link() {
  link=${sites:-/etc/nginx/conf.d}/zz-private-registry-$site.conf
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    fail "$link is there and is no link of ours; move it away and run pulumi up again"
  fi
}

find_master() {
  master=
  read -r master 2>/dev/null <"$pid_file" && [ -n "$master" ] && [[ $(title "$master") == "nginx: master process"* ]]
}

# What a process calls itself.
title() {
  local text=
  { IFS= read -r -d '' text <"/proc/$1/cmdline"; } 2>/dev/null
  printf '%s' "$text"
}

# The workers of the master that have not been told to leave.
workers() {
  local child all=
  if [ -r "/proc/$master/task/$master/children" ]; then
    read -r all <"/proc/$master/task/$master/children"
  else
    all=$(grep -l "^PPid:[[:space:]]*$master\$" /proc/[0-9]*/status 2>/dev/null | tr -dc '0-9\n')
  fi
  for child in $all; do
    case $(title "$child") in
      *"shutting down"*) ;;
      "nginx: worker process"*) printf '%s ' "$child" ;;
    esac
  done
}

# The group that the workers run in.
worker_group() {
  local worker
  # An nginx that has just been started may not have any yet.
  SECONDS=0
  until worker=$(workers) && [ -n "$worker" ] || [ $SECONDS -ge 2 ]; do sleep 0.05; done
  group=$(sed -n 's/^Gid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/${worker%% *}/status" 2>/dev/null)
}

check_owner() {
  local there
  there=$(cat "$base/owner" 2>/dev/null) || return 0
  if [ "$1" = create ] && [ "${there%% *}" != "${owner%% *}" ]; then
    fail "the site $site on this host was written by ${there%% *}, and this is ${owner%% *}; give the component another \
name, or, if the other one is gone for good, remove $base/owner on the host"
  fi
}
