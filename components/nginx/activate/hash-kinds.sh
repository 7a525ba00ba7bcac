# Whether the host knows the kinds of hashes that users bring.

# True if nginx can check each kind of hash that users of this release bring. A line of "hash-proof" is what to ask the
# access server, and of which kind the hash is: "<address> <port> <path> <credential> <kind>".
knows_hashes() {
  local file=$base/releases/$release/hash-proof address port path credential kind answer
  [ -f "$file" ] || return 0
  while read -r address port path credential kind; do
    {
      printf 'GET %s HTTP/1.0\r\nAuthorization: Basic %s\r\n\r\n' "$path" "$credential" >&8 &&
        read -r -t 5 answer <&8
    } 2>/dev/null 8<>"/dev/tcp/$address/$port" || answer=nothing
    case $answer in
      "HTTP/1.1 200 "*) continue ;;
      "HTTP/1.1 401 "* | "HTTP/1.1 500 "*)
        why_not="crypt(3) of this host does not know $kind, the kind of hash that some users have \
(users[].passwordHash): they could never log in here; give those users a password, or \
a hash of bcrypt (htpasswd -nBC 10 NAME)"
        ;;
      *) why_not="nginx could not be asked whether it knows $kind: it answers with ${answer%$'\r'}" ;;
    esac
    return 1
  done <"$file"
}
