# The proof of a site where nobody logs in: the mirrors', which is closed to who has no certificate of a node.

# is_closed PORT HOST ADDRESS: the release answers over TLS, and refuses who shows no certificate: a site without users.
is_closed() {
  local codes where
  where="at $(bracketed "$3"):$1"
  mapfile -t codes < <(ask_without_certificate "$@")
  if [[ "${codes[0]:-} ${codes[1]:-}" != "204 204" ]]; then
    why_not="did not answer with the new release within $bound s $where: another site or program answers there, with \
${codes[0]:-nothing}"
  elif [ "${codes[2]:-}" != 403 ]; then
    why_not="did not refuse a client without a certificate $where: $2 answers with ${codes[2]:-nothing}"
  else
    return 0
  fi
  return 1
}

# ask_without_certificate PORT HOST ADDRESS: the status of three answers, the third to somebody who is no probe.
ask_without_certificate() {
  local port=$1 host=$2 address count
  address=$(bracketed "$3")
  if command -v curl >/dev/null; then
    for count in 1 2 3; do
      printf '%s\n' silent insecure http1.1 'noproxy = "*"' 'max-time = 10' 'connect-timeout = 2' \
        'output = "/dev/null"' 'dump-header = "-"' \
        "connect-to = \"$host:$port:$address:$port\"" "url = \"https://$host:$port/v2/\"" 'header = "Connection: close"'
      [ $count = 3 ] || printf '%s\n' "header = \"$probe_header: $release\""
      printf '%s\n' ${as_proxy:+haproxy-protocol} next
    done | sed '$d' | curl -q -K - 2>/dev/null
  else
    for count in 1 2 3; do
      {
        printf 'GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n' "$host:$port"
        [ $count = 3 ] || printf '%s: %s\r\n' "$probe_header" "$release"
        printf '\r\n'
      } | timeout 10 openssl s_client -quiet -connect "$address:$port" -servername "$host" 2>/dev/null
    done
  fi | read_heads | cut -d ' ' -f 1
}
