# The switch, and the proof.

# point TARGET: makes the site's link point there, by one rename; an empty target takes the link away.
point() {
  local new=$sites/.zz-private-registry-$site.new
  if [ -z "$1" ]; then
    rm -f "$link"
  else
    ln -sfn "$1" "$new" && mv -fT "$new" "$link" || return 1
  fi
  settle "$sites"
}

# Sends the reload and waits until none of the old workers accepts connections any more and new ones do.
reload() {
  local old
  old=$(workers)
  SECONDS=0
  kill -HUP "$master" || return 1
  until turned; do
    [ $SECONDS -lt $bound ] || return 1
    sleep 0.05
  done
}

turned() {
  local worker now
  now=" $(workers)"
  [ -n "${now// /}" ] || return 1
  for worker in $old; do
    [[ $now != *" $worker "* ]] || return 1
  done
}

# Three fresh answers in a row to every probe.
prove() {
  local probe
  for probe in "${probes[@]}"; do
    # shellcheck disable=SC2086 # three words
    until ask_thrice $probe; do
      [ $SECONDS -lt $bound ] || return 1
      sleep 0.05
    done
  done
}

# ask_thrice SCHEME PORT HOST: true if the release answers on three new connections. Over TLS where the host has curl;
# else in clear to the same port, which nginx answers for the same site with its error 497.
ask_thrice() {
  local url=$1://$3:$2/ answer count
  if [ "$1" = https ] && command -v curl >/dev/null; then
    answer=$(curl -sk -m 2 --noproxy '*' --resolve "$3:$2:127.0.0.1" -H "$probe_header: $release" -H 'Connection: close' \
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

new_errors() {
  tail -c "+$((errors_from + 1))" "$error_log" 2>/dev/null | grep -E '\[(emerg|alert|crit|error)\]' | sort -u | tail -n 8
}
