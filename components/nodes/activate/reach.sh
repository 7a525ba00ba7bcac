# The registry as this node sees it, and the mirrors.

# reach FOLDER: true if each registry answers as one, to a client that knows the roots that FOLDER has under its name,
# and if the mirrors let this node in by the certificate that is there. Else why_not says why.
reach() {
  local probe scheme port host roots own= files status said
  for probe in "${probes[@]}"; do
    read -r scheme port host <<<"$probe"
    roots=$1/$(folder_of "$probe")/ca.crt
    [ -e "$roots" ] || roots=
    ask
    if [ "$status" != 200 ] && [ "$status" != 401 ]; then
      why_not=$(does_not "and a registry with 401 or 200")
      return 1
    fi
  done
  [ -n "$mirror" ] || return 0
  read -r host port <<<"$mirror"
  # The folder of a registry is a link, and the files are beside the folder that it leads to.
  files=$(readlink -f "$1/${mirrored%% *}/..")
  roots=$files/mirror-ca.crt
  own=$files/node
  ask
  [ "$status" != 200 ] || return 0
  why_not=$(does_not "and the mirrors a node whose certificate they know with 200")
  return 1
}

# What is wrong with an answer, or that there is none.
does_not() {
  case $status in
    000 | "") printf '%s' "https://$host:$port/v2/ does not answer: $said" ;;
    *) printf '%s' "https://$host:$port/v2/ answers with $status, $1" ;;
  esac
}

# Sets status, that of GET /v2/, and said, what the client says of it.
ask() {
  if command -v curl >/dev/null; then ask_by_curl; else ask_by_openssl; fi
}

ask_by_curl() {
  said=$(curl -q -sS -o /dev/null -w '%{http_code}' --max-time 15 ${roots:+--cacert "$roots"} \
    ${own:+--cert "$own.crt" --key "$own.key"} "https://$host:$port/v2/" 2>&1)
  status=$(tail -n 1 <<<"${said: -3}")
  said=$(head -n 1 <<<"$said")
  said=${said%000}
}

ask_by_openssl() {
  said=$(
    { printf 'GET /v2/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$host"; sleep 2; } |
      timeout 15 openssl s_client -quiet -verify_return_error -verify_hostname "$host" -servername "$host" \
        ${roots:+-CAfile "$roots"} ${own:+-cert "$own.crt" -key "$own.key"} -connect "$host:$port" 2>&1
  )
  status=$(sed -n 's#^HTTP/1\.[01] \([0-9]*\).*#\1#p' <<<"$said" | head -n 1)
  said=$(grep -m 1 -E 'verify error|error:|errno=|Name or service' <<<"$said")
}
