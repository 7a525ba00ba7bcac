# The registry as this node sees it.

# reach FOLDER: true if each registry answers as one, to a client that knows the roots that FOLDER has under its name.
# Else why_not says why.
reach() {
  local probe scheme port host roots
  for probe in "${probes[@]}"; do
    read -r scheme port host <<<"$probe"
    roots=$1/$(folder_of "$probe")/ca.crt
    [ -e "$roots" ] || roots=
    if command -v curl >/dev/null; then ask_by_curl; else ask_by_openssl; fi || return 1
  done
}

ask_by_curl() {
  local said
  said=$(curl -q -sS -o /dev/null -w '%{http_code}' --max-time 15 ${roots:+--cacert "$roots"} \
    "https://$host:$port/v2/" 2>&1)
  answers "$(tail -n 1 <<<"${said: -3}")" "$(head -n 1 <<<"$said")"
}

# answers STATUS TEXT: 401 without a password, or 200 where nobody needs one.
answers() {
  case $1 in
    200 | 401) return 0 ;;
    000 | "") why_not="https://$host:$port/v2/ does not answer: ${2%000}" ;;
    *) why_not="https://$host:$port/v2/ answers with $1, and a registry with 401 or 200" ;;
  esac
  return 1
}

ask_by_openssl() {
  local said
  said=$(
    { printf 'GET /v2/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$host"; sleep 2; } |
      timeout 15 openssl s_client -quiet -verify_return_error -verify_hostname "$host" -servername "$host" \
        ${roots:+-CAfile "$roots"} -connect "$host:$port" 2>&1
  )
  answers "$(sed -n 's#^HTTP/1\.[01] \([0-9]*\).*#\1#p' <<<"$said" | head -n 1)" \
    "$(grep -m 1 -E 'verify error|error:|errno=|Name or service' <<<"$said")"
}
