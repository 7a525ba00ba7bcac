# The reload, and the proof.

# Sends the reload, and waits until none of the former workers accepts connections any more and new ones do. A master
# that somebody restarts meanwhile is followed: the new one is told, too, since nobody knows what it has read.
reload() {
  await_turn
}

await_turn() {
  told=
  SECONDS=0
  until turned; do
    [ $SECONDS -lt $bound ] || return 1
    pause
  done
}

turned() {
  local worker
  find_master || return 1
  workers
  if [ "$master" != "$told" ]; then
    old=$working
    if kill -HUP "$master" 2>/dev/null; then told=$master; fi
    return 1
  fi
  [ -n "${working// /}" ] || return 1
  for worker in $old; do
    [[ " $working" != *" $worker "* ]] || return 1
  done
}

# A moment, without a process for it.
pause() {
  local nothing
  if [ -z "${idle:-}" ]; then exec {idle}<> <(:); fi
  read -r -t 0.05 -u "$idle" nothing
  return 0
}

# Three fresh answers in a row to every probe.
prove() {
  local probe
  for probe in "${probes[@]}"; do
    # shellcheck disable=SC2086 # three words
    until ask_thrice $probe; do
      [ $SECONDS -lt $bound ] || return 1
      pause
    done
  done
}

# ask_thrice SCHEME PORT HOST: true if the release answers on three new connections. Over TLS where the host has curl;
# else in clear to the same port, which nginx answers for the same site with its error 497.
ask_thrice() {
  local url=$1://$3:$2/ answer count
  if [ "$1" = https ] && command -v curl >/dev/null; then
    answer=$(curl -sk -m 2 --noproxy '*' --resolve "$3:$2:127.0.0.1" \
      -H "$probe_header: $release" -H 'Connection: close' \
      -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} ' "$url" "$url" "$url" 2>/dev/null)
    [ "$answer" = "204 204 204 " ]
    return
  fi
  for count in 1 2 3; do
    {
      printf 'GET / HTTP/1.0\r\nHost: %s\r\n%s: %s\r\n\r\n' "$3" "$probe_header" "$release" >&8 &&
        read -r -t 2 answer <&8
    } 2>/dev/null 8<>"/dev/tcp/127.0.0.1/$2" || return 1
    [[ $answer == "HTTP/1.1 204 "* ]] || return 1
  done
}

# What nginx has written to its log since the switch; all of it if the log was rotated meanwhile.
new_errors() {
  local from=$errors_from
  [ "$(stat -c %s "$error_log" 2>/dev/null || echo 0)" -ge "$from" ] || from=0
  tail -c "+$((from + 1))" "$error_log" 2>/dev/null | grep -E '\[(emerg|alert|crit|error)\]' | sort -u | tail -n 8
}
