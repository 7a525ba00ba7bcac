# What depends on the host and not on the release: which of its files this nginx can use. A release names them by
# <release>/host/..., and "host" is a link to a folder of links that is named by what it holds. So when nginx is
# upgraded, or njs comes or goes, the next run judges the other folder first, and then renames that one link.
#   when-1.25.1-x.conf   nginx of that version or newer     when-ipv6-x.conf   a host with IPv6
#   when-njs-x.conf      an nginx with njs in it, or loaded   unless-...      the opposite
#   when-realip-x.conf   an nginx with the module realip
#   when-slice-x.conf    an nginx whose cache can leave room on the disk (1.19.1), with the module slice
#   when-whole-x.conf    the same without that module
#   when-threads-x.conf  an nginx that reads files by threads, and loses no answer by it in a reload (1.25.4)

# Makes the folder and the link in the release that is being staged.
adapt() {
  local links name link_name target
  links=$(host_links "$stage")
  name=host-$(printf '%s\n' "$links" | sha256sum)
  name=${name:0:17}
  mkdir -m 750 "$stage/$name" || return 1
  while read -r link_name target; do
    [ -z "$link_name" ] || ln -s "$target" "$stage/$name/$link_name" || return 1
  done <<<"$links"
  ln -s "$name" "$stage/host"
}

# "<link> <target>" for each file of the release in $1 that this host can use.
host_links() {
  local file need name
  for file in "$1"/when-*.conf "$1"/unless-*.conf; do
    [ -e "$file" ] || continue
    name=${file##*/}
    name=${name#*-}
    need=${name%%-*}
    case ${file##*/} in
      when-*) host_has "$need" || continue ;;
      *) ! host_has "$need" || continue ;;
    esac
    echo "with-${name#*-} ../${file##*/}"
  done
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
    /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    if [ -e "$file" ]; then echo "host-ca.pem $file"; return; fi
  done
}

# True if two folders of links hold the same.
same_links() {
  [ "$(links_in "$1")" = "$(links_in "$2")" ]
}

repair_links() {
  local each
  mkdir -p -m 750 "$2" || return 1
  for each in "$1"/*; do
    mv -fT "$each" "$2/${each##*/}" || return 1
  done
  for each in "$2"/* "$2"/.[!.]*; do
    if [ -L "$each" ] || [ -e "$each" ]; then
      grep -q "^${each##*/} " <<<"$(host_links "${2%/*}")" || rm -rf "$each"
    fi
  done
}

links_in() {
  local each
  for each in "$1"/*; do
    [ -L "$each" ] && printf '%s %s\n' "${each##*/}" "$(readlink "$each")"
  done
}

host_has() {
  case $1 in
    ipv6) [ -e /proc/net/if_inet6 ] ;;
    realip) [[ $build == *http_realip_module* ]] ;;
    slice) is_since 1.19.1 && [[ $build == *http_slice_module* ]] ;;
    whole) is_since 1.19.1 && [[ $build != *http_slice_module* ]] ;;
    threads) is_since 1.25.4 && [[ $build == *--with-threads* ]] ;;
    njs) [[ $build =~ --add-module=[^[:space:]]*njs ]] || loads_njs ;;
    *) is_since "$1" ;;
  esac
}

# True if this nginx is of that version or newer.
is_since() {
  local wanted has index
  IFS=. read -ra wanted <<<"$1"
  IFS=. read -ra has <<<"$version"
  for index in "${!wanted[@]}"; do
    if [ "${has[index]:-0}" != "${wanted[index]}" ]; then
      [ "${has[index]:-0}" -gt "${wanted[index]}" ]
      return
    fi
  done
}

# Looked up once: each look costs a process.
loads_njs() {
  if [ -z "${njs_is:-}" ]; then
    if finds_njs; then njs_is=loaded; else njs_is=none; fi
  fi
  [ $njs_is = loaded ]
}

finds_njs() {
  grep -RqsE '^[[:space:]]*load_module[[:space:]]+[^;]*ngx_http_js_module' "$conf" "${conf%/*}"/modules-enabled/*.conf \
    /usr/share/nginx/modules/*.conf
}
