# Which nginx, which configuration, and where its sites are.

# Sets nginx, nginx_args, conf and all that its configuration says of it. The nginx in the path, unless it does not run
# and another one does, such as one that was built under a folder of its own.
find_nginx() {
  local running
  nginx=$(command -v nginx)
  nginx_args=()
  [ -z "$nginx" ] || read_configuration
  if [ -z "$nginx" ] || ! find_master; then
    find_running || { [ -n "$nginx" ]; return; }
    running=$master
    title "$running"
    take_arguments
    nginx=$run_as
  else
    title "$master"
    take_arguments
    [ ${#nginx_args[@]} != 0 ] || return 0
    nginx=$run_as
  fi
  read_configuration
}

# The master process of an nginx of this host that runs, in master.
find_running() {
  local each
  for each in /proc/[0-9]*; do
    title "${each#/proc/}"
    [[ $titled == "nginx: master process "* ]] || continue
    [ "$each/root" -ef / ] || continue
    master=${each#/proc/}
    return 0
  done
  return 1
}

# How the process in "titled" was started: program and options that say where its configuration is.
take_arguments() {
  local words index
  read -ra words <<<"${titled#nginx: master process }"
  run_as=${words[0]:-}
  [[ $run_as == /* && -x $run_as ]] || run_as=$(readlink "/proc/$master/exe")
  nginx_args=()
  for ((index = 1; index < ${#words[@]}; index++)); do
    case ${words[index]} in
      -c | -p) nginx_args+=("${words[index]}" "${words[index + 1]:-}") ;;
      -g) break ;;
    esac
  done
}

read_configuration() {
  local directive offset length context value index prefix=/etc/nginx
  build=$("$nginx" -V 2>&1)
  version=0
  [[ $build =~ nginx/([0-9.]+) ]] && version=${BASH_REMATCH[1]}
  [[ $build =~ --prefix=([^[:space:]]+) ]] && prefix=${BASH_REMATCH[1]}
  conf=/etc/nginx/nginx.conf
  [[ $build =~ --conf-path=([^[:space:]]+) ]] && conf=${BASH_REMATCH[1]}
  [[ $build == *--conf-path=* ]] || [ ! -e "$prefix/conf/nginx.conf" ] || conf=$prefix/conf/nginx.conf
  pid_file=/run/nginx.pid
  [[ $build =~ --pid-path=([^[:space:]]+) ]] && pid_file=${BASH_REMATCH[1]}
  [[ $build == *--pid-path=* ]] || [ ! -e "$prefix/logs/nginx.pid" ] || pid_file=$prefix/logs/nginx.pid
  error_log=/var/log/nginx/error.log
  [[ $build =~ --error-log-path=([^[:space:]]+) ]] && error_log=${BASH_REMATCH[1]}
  for ((index = 0; index < ${#nginx_args[@]}; index += 2)); do
    case ${nginx_args[index]} in
      -c) conf=${nginx_args[index + 1]} ;;
      -p) prefix=${nginx_args[index + 1]%/} ;;
    esac
  done
  [[ $conf == /* ]] || conf=$prefix/$conf
  includes=()
  candidates=()
  # Debian includes sites-enabled after conf.d. A site that comes first on a port is the port's default one, and that
  # must not be ours where there are others: so ours goes where it is read last.
  sites=${conf%/*}/conf.d
  while read -r directive offset length context value; do
    case $directive in
      pid) pid_file=$value ;;
      error_log) error_log=$value ;;
      include)
        includes+=("$offset $length $value")
        [[ $value == /* ]] || value=${conf%/*}/$value
        # shellcheck disable=SC2053 # a pattern is what it is
        if [ "$context" = http ] && [[ zz-private-registry-$site.conf == ${value##*/} ]]; then
          candidates+=("${value%/*}")
        fi
        ;;
    esac
  done < <(list_directives)
  [ ${#candidates[@]} = 0 ] || sites=${candidates[-1]}
  for value in "${candidates[@]}"; do
    if [[ $value == */sites-enabled ]]; then sites=$value; fi
  done
  [[ $pid_file == /* ]] || pid_file=$prefix/$pid_file
  [[ $error_log == /* ]] || error_log=$prefix/$error_log
}

# What the main configuration says of pid, error_log and includes: "<directive> <offset> <length> <context> <value>" of
# the first argument, read as nginx does: quotes, escapes, comments, and several directives on a line. The context is
# the blocks around it: "main", "http", "http/server".
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
            print word[1], from[2] - 1, upto[2] - from[2], depth == 0 ? "main" : where[depth], word[2]
          if (c == "{") { depth++; where[depth] = (depth > 1 ? where[depth - 1] "/" : "") word[1] }
          if (c == "}") depth--
          count = 0; at++; continue
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
  for other in "${conf%/*}/sites-enabled" "${conf%/*}/conf.d" "${candidates[@]}"; do
    if [ -n "$nginx" ] && [ ! "$other" -ef "$sites" ] && [ -L "$other/$name" ] && reads "$other/$name"; then
      sites=$other
    fi
  done
  link=${sites:-/etc/nginx/conf.d}/$name
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    fail "$link is there and is no link of ours; move it away and run pulumi up again"
  fi
}

# nginx with the arguments of the one that runs.
run_nginx() {
  "$nginx" "${nginx_args[@]}" "$@"
}

# True of a configuration, on stdin, in which any site expects "proxy_protocol" on a port.
has_proxy_protocol() {
  grep -qE '(^|[[:space:];{])listen[[:space:]][^;]*proxy_protocol'
}

# True if nginx, as it is configured now, reads a file.
reads() {
  run_nginx -T 2>/dev/null | grep -qxF "# configuration file $1:"
}
