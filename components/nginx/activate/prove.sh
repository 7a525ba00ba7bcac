# The proof: what a user does, at the addresses where users come.

# True once every probe is answered as it has to be, at each address of this host where the site has to be served. Sets
# why_not otherwise. The registry behind the gateway may come later: if it does not answer, "away" says so.
prove() {
  local probe scheme port host address
  away=
  printf -v nonce '%(%s)T.%s.%s' -1 $$ "$RANDOM"
  find_own_addresses
  for probe in "${probes[@]}"; do
    read -r scheme port host <<<"$probe"
    find_addresses "$host"
    for address in "${must[@]}"; do
      until serves "$scheme" "$port" "$host" "$address"; do
        [ $SECONDS -lt $bound ] || return 1
        pause
      done
    done
  done
  until knows_hashes; do
    [ $SECONDS -lt $bound ] || return 1
    pause
  done
}

# serves SCHEME PORT HOST ADDRESS
serves() {
  # On a port on which any site of this host has "proxy_protocol", nginx may expect that protocol of everybody.
  if [ -n "${speaks_proxy:-}" ]; then
    if [ -z "${as_proxy:-}" ]; then as_proxy=yes; else as_proxy=; fi
  fi
  if [ "$1" = http ]; then
    answers_thrice "$2" "$3" "$4"
  elif [ -e "$base/releases/$release/stand-in" ]; then
    logs_in "$2" "$3" "$4"
  else
    is_closed "$2" "$3" "$4"
  fi
}

# All addresses of this host but those of a link only, in own.
find_own_addresses() {
  local hex rest
  own=()
  while read -r address; do own+=("$address"); done < <(
    awk '/32 host LOCAL/ { print last } { last = $2 }' /proc/net/fib_trie 2>/dev/null | sort -u
  )
  while read -r address; do own+=("$address"); done < <(
    # Link-local ones (scope 20) are nobody's way here. The others as everybody prints them (RFC 5952).
    awk '$4 != "20" {
      text = ""
      for (at = 1; at < 32; at += 4) {
        group = substr($1, at, 4)
        sub(/^0+/, "", group)
        text = text ":" (group == "" ? "0" : group)
      }
      text = text ":"
      for (zeros = ":0:0:0:0:0:0:0:0:"; length(zeros) > 4 && !(at = index(text, zeros)); ) zeros = substr(zeros, 3)
      if (at && length(zeros) > 4) text = substr(text, 1, at - 1) "::" substr(text, at + length(zeros))
      else text = substr(text, 2)
      if (text !~ /^::/) sub(/^:/, "", text)
      if (text !~ /::$/) sub(/:$/, "", text)
      print text
    }' /proc/net/if_inet6 2>/dev/null
  )
}

# Where the site has to be served, in must: the addresses that the stack names; without them loopback, the address to
# which SSH came, and those of this host to which the name resolves here.
find_addresses() {
  local address rest candidates=()
  must=("${listen[@]}")
  [ ${#must[@]} = 0 ] || return 0
  read -r _ _ address _ <<<"$came_to"
  candidates=("$address")
  while read -r address rest; do candidates+=("$address"); done < <(getent ahosts "$1" 2>/dev/null)
  must=(127.0.0.1)
  for address in "${candidates[@]}"; do
    [[ " ${own[*]} " == *" $address "* && " ${must[*]} " != *" $address "* ]] || continue
    must+=("$address")
  done
}

bracketed() {
  if [[ $1 == *:* ]]; then printf '[%s]' "$1"; else printf '%s' "$1"; fi
}

# logs_in PORT HOST ADDRESS: the stand-in user is let in, twice, the second time from memory, and not with a wrong
# password. Every answer says by a header of which release it is, and what was said of the password.
logs_in() {
  local port=$1 host=$2 address=$3 heads=() password where
  where="at $(bracketed "$address"):$port"
  password=$(<"$base/releases/$release/stand-in")
  mapfile -t heads < <(ask_as_stand_in "$port" "$host" "$address" "$password" "$password" "not-$password")
  if [[ ${heads[*]} != *" $release "* ]]; then
    why_not="did not answer with the new release within $bound s $where: another site or program answers there, with \
${heads[0]%% *}"
    [ -n "${heads[*]}" ] || why_not="did not answer with the new release within $bound s $where: nothing answers there"
  elif ! [[ ${heads[0]} =~ ^(2..|400|404|50[234])\ $release\ (200\ [A-Z]+|\ ?HIT)$ ]]; then
    why_not="did not let the stand-in user in $where: $host answers with $(in_words "${heads[0]}")"
  elif ! [[ ${heads[1]} =~ \ $release\ \ ?HIT$ ]]; then
    why_not="does not remember passwords $where ($(in_words "${heads[1]}")): see $memory and its file system"
  elif ! [[ ${heads[2]} =~ ^401\ $release\ (401\ [A-Z]+)$ ]]; then
    why_not="let in a wrong password $where: $host answers with $(in_words "${heads[2]}")"
    [[ ${heads[2]} == 2* ]] ||
      why_not="did not refuse a wrong password as it has to $where: $host answers with $(in_words "${heads[2]}")"
  else
    [[ ${heads[0]} == 2* ]] ||
      away="the gateway serves $host and lets users in, but the registry behind it answers with ${heads[0]%% *}; it \
may come later, else see whether the pod runs and whether this host reaches the nodes' ports"
    return 0
  fi
  return 1
}

# "401 <release> 200 HIT" for people.
in_words() {
  local status rest said
  read -r status rest <<<"$1"
  said=${rest#"$release"}
  said=${said# }
  case $status in
    "" | 000) printf 'nothing, the connection is closed' ;;
    401 | 403) printf '%s' "$status" ;;
    *) printf '%s' "$status" ;;
  esac
  case $said in
    500*) printf ', since passwords can not be checked' ;;
    "200 "* | *HIT) [[ $status == 2* ]] ||
      printf ', though the password was right: something in the http block of this host refuses it' ;;
  esac
  [[ $status == 500 ]] || return 0
  find_closed "$base/releases/$release/users"
  [ -z "$closed" ] || printf '; %s' "$(closed_says)"
}

# ask_as_stand_in PORT HOST ADDRESS PASSWORD...: for each password "<status> <proof>" of the answer to GET /v2/ over
# TLS, on a connection of its own. Nothing secret is in an argument.
ask_as_stand_in() {
  local port=$1 host=$2 address password
  address=$(bracketed "$3")
  shift 3
  if command -v curl >/dev/null; then
    for password; do
      printf '%s\n' silent insecure http1.1 'noproxy = "*"' 'max-time = 10' 'connect-timeout = 2' \
        'output = "/dev/null"' 'dump-header = "-"' \
        "connect-to = \"$host:$port:$address:$port\"" "url = \"https://$host:$port/v2/\"" \
        "header = \"$nonce_header: $nonce\"" 'header = "Connection: close"' "user = \".probe:$password\"" \
        ${as_proxy:+haproxy-protocol} next
    done | sed '$d' | curl -q -K - 2>/dev/null
  else
    for password; do
      printf 'GET /v2/ HTTP/1.1\r\nHost: %s\r\n%s: %s\r\nConnection: close\r\nAuthorization: Basic %s\r\n\r\n' \
        "$host:$port" "$nonce_header" "$nonce" "$(printf '%s' ".probe:$password" | base64 | tr -d '\n')" |
        timeout 10 openssl s_client -quiet -connect "$address:$port" -servername "$host" 2>/dev/null
    done
  fi | read_heads
}

read_heads() {
  local line status= proof=
  while IFS= read -r line; do
    line=${line%$'\r'}
    case ${line,,} in
      http/1.*)
        [ -z "$status" ] || echo "$status $proof"
        proof=
        read -r _ status _ <<<"$line"
        ;;
      "${proof_header,,}: "*) proof=${line#*: } ;;
    esac
  done
  [ -z "$status" ] || echo "$status $proof"
}

# answers_thrice PORT HOST ADDRESS: true if the release answers on three new connections, in clear.
answers_thrice() {
  local answer count
  for count in 1 2 3; do
    {
      [ -z "${as_proxy:-}" ] || printf 'PROXY TCP4 127.0.0.1 127.0.0.1 1 1\r\n' >&8
      printf 'GET / HTTP/1.0\r\nHost: %s\r\n%s: %s\r\n\r\n' "$2" "$probe_header" "$release" >&8 &&
        read -r -t 2 answer <&8
    } 2>/dev/null 8<>"/dev/tcp/$3/$1" || answer=nothing
    [[ $answer == "HTTP/1.1 204 "* ]] && continue
    why_not="did not answer with the new release within $bound s at $(bracketed "$3"):$1: another site or program \
answers there, with ${answer:-nothing}"
    return 1
  done
}

# Says where else on this host clients would meet somebody else's site instead of this one: no fault, if it is meant.
look_elsewhere() {
  local probe scheme port host address others=() codes code index
  [ -z "${away:-}" ] || warn "$away"
  [ ! -e "$base/releases/$release/unless-njs-memory.conf" ] || host_has njs ||
    warn "its nginx has no njs, so passwords in use lie in clear in $memory; install the package libnginx-mod-http-js \
(nginx-module-njs for nginx.org's packages), then run: npm run drift -- --fix"
  [ ${#listen[@]} = 0 ] && command -v curl >/dev/null || return 0
  for probe in "${probes[@]}"; do
    read -r scheme port host <<<"$probe"
    find_addresses "$host"
    for address in "${own[@]}"; do
      [[ $address == 127.* || $address == ::1 || " ${must[*]} " == *" $address "* ]] || others+=("$address")
    done
    break
  done
  others=("${others[@]:0:32}")
  [ ${#others[@]} -gt 0 ] || return 0
  read -ra codes < <(
    for address in "${others[@]}"; do
      address=$(bracketed "$address")
      printf '%s\n' silent insecure http1.1 'noproxy = "*"' 'max-time = 1' 'output = "/dev/null"' \
        'write-out = "%{http_code} "' "connect-to = \"$host:$port:$address:$port\"" 'header = "Connection: close"' \
        "url = \"$scheme://$host:$port/\"" \
        "header = \"$probe_header: $release\"" ${as_proxy:+haproxy-protocol} next
    done | sed '$d' | curl -q -K - 2>/dev/null
  )
  for index in "${!others[@]}"; do
    code=${codes[index]:-000}
    [ "$code" != 204 ] && [ "$code" != 000 ] || continue
    address=${others[index]}
    warn "at $(bracketed "$address"):$port of this host another site answers$(who_listens "$address" "$port"), \
not $host; if clients come to that address for $host, take that listen away there; if not, set \
gateways[].listenAddresses to the addresses that the registry is for"
  done
}

# Which file of nginx's configuration has a listen on this address.
who_listens() {
  local file
  file=$(run_nginx -T 2>/dev/null | awk -v address="$(bracketed "$1"):$2" '
    /^# configuration file / { file = $4; sub(/:$/, "", file) }
    match($0, /listen[ \t]+[^ ;]+/) {
      if (substr($0, RSTART + RLENGTH - length(address), length(address)) == address) { print file; exit }
    }')
  [ -z "$file" ] || printf ' (%s listens on it)' "$file"
}
