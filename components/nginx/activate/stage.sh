# The release on the disk, before anything points to it.

# put MODE READERS PATH: one file of the release, from stdin in base64. Only root can read it until all are there.
put() {
  local file=$stage/$3
  [ -d "${file%/*}" ] || mkdir -m 750 "${file%/*}" || return 1
  base64 -d >"$file" || return 1
  of_mode[$1]+=" $file"
  if [ "$2" = nginx ]; then for_workers+=("$file"); fi
}

# Mode and group of all files at once, since each command costs a process.
open_to_readers() {
  local mode
  [ ${#for_workers[@]} = 0 ] || chgrp "$group" "${for_workers[@]}" || return 1
  for mode in "${!of_mode[@]}"; do
    # shellcheck disable=SC2086 # paths without spaces (see release.ts)
    chmod "$mode" ${of_mode[$mode]} || return 1
  done
}

# Unpacks beside the other releases, reads it all back, and gives it its name. A folder of that name that is there
# already holds the same release; what differs in it is put right file by file, each by a rename.
stage() {
  local dir=$base/releases/$release
  stage=$base/releases/.stage
  declare -gA of_mode=()
  for_workers=()
  worker_group
  [ -n "$group" ] || fail "nginx runs no worker process; see $error_log"
  mkdir -m 750 "$stage" && chgrp "$group" "$stage" && unpack && open_to_readers && adapt && whole "$stage" ||
    fail "the release could not be written to $base (is the disk full?)"
  find "$stage" -type d -exec chgrp "$group" {} +
  if command -v restorecon >/dev/null; then restorecon -R "$stage"; fi
  settle "$stage"/* "$stage"
  if [ -d "$dir" ]; then
    whole "$dir" || repair "$dir" || fail "the release in $dir differs from what was written and cannot be repaired"
    rm -rf "$stage"
  else
    fresh=yes
    mv -T "$stage" "$dir" || fail "cannot write to $base/releases"
  fi
  touch "$dir"
  settle "$dir" "$base/releases"
}

# True if a folder holds the release: every file, its mode, its content. A line of MANIFEST is
# "<sum>  <mode> <readers> <path>".
whole() {
  local paths
  [ "$(<"$1/MANIFEST")" = "$(<"$stage/MANIFEST")" ] || return 1
  mapfile -t paths < <(sed 's/^[^ ]*  [^ ]* [^ ]* //' "$stage/MANIFEST")
  (
    cd "$1" &&
      [ "$(stat -c '0%a %n' "${paths[@]}")" = "$(sed 's/^[^ ]*  \([^ ]*\) [^ ]* /\1 /' MANIFEST)" ] &&
      [ "$(sha256sum "${paths[@]}")" = "$(sed 's/  [^ ]* [^ ]* /  /' MANIFEST)" ]
  ) 2>/dev/null
}

repair() {
  local path
  (cd "$stage" && find . -type f) | while read -r path; do
    mkdir -p -m 750 "$(dirname "$1/$path")" && mv -fT "$stage/$path" "$1/$path" || exit 1
  done && settle "$1"/*
}

# What depends on the host and not on the release: links to those of its files that this nginx can use.
#   when-1.25.1-x.conf   nginx of that version or newer     when-ipv6-x.conf   a host with IPv6
#   when-njs-x.conf      an nginx with njs in it, or loaded   unless-...      the opposite
adapt() {
  local file need name
  for file in "$stage"/when-*.conf "$stage"/unless-*.conf; do
    [ -e "$file" ] || continue
    name=${file##*/}
    name=${name#*-}
    need=${name%%-*}
    case ${file##*/} in
      when-*) host_has "$need" || continue ;;
      *) ! host_has "$need" || continue ;;
    esac
    ln -s "${file##*/}" "$stage/with-${name#*-}" || return 1
  done
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
    /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    if [ -e "$file" ]; then ln -s "$file" "$stage/host-ca.pem"; return; fi
  done
}

host_has() {
  case $1 in
    ipv6) [ -e /proc/net/if_inet6 ] ;;
    njs)
      [[ $build =~ --add-module=[^[:space:]]*njs ]] ||
        grep -RqsE '^[[:space:]]*load_module[[:space:]]+[^;]*ngx_http_js_module' "$conf" "${conf%/*}/modules-enabled"
      ;;
    *) [ "$(printf '%s\n' "$1" "$version" | sort -V | head -n 1)" = "$1" ] ;;
  esac
}
