# The folder in which nginx keeps blobs: made before nginx is asked, since its test would make it, and removed once no
# nginx may use it. $base/caches has a line for each folder that this site uses or has used.

slice_bytes=8388608    # as in gateway/blob-cache.ts
hash_seconds=60        # how long a check may hash what is stored
new_cache=             # a folder that no release has used that was live
made=                  # the first folder above it that this run has made

# Whether this host can have the folder; nothing is written yet.
look_at_cache() {
  local other line real
  [ -n "$cache" ] || return 0
  if ! is_since 1.19.1; then
    warn "nginx $version keeps no blobs, since it can't leave room on the disk: that is new in 1.19.1"
    cache=
    return 0
  fi
  [ -z "$cache_sliced" ] || host_has slice ||
    warn "this nginx has no slice module: a blob is kept once one client has had it as a whole, and is fetched for \
each that comes meanwhile; nginx of Debian, Ubuntu and nginx.org has the module"
  real=$(real_path "$cache")
  for other in "$root"/*/caches; do
    [ "$other" != "$base/caches" ] && [ -e "$other" ] || continue
    while read -r line; do
      line=$(real_path "$line")
      [[ $line/ != "$real"/* ]] && [[ $real/ != "$line"/* ]] ||
        fail "the site ${other:${#root}+1:-7} keeps its blobs in $line, so this one can't keep its own in $cache; give \
$cache_setting.path a folder of its own"
    done <"$other"
  done
  if [ -e "$cache" ] || [ -L "$cache" ]; then
    [ -d "$cache" ] || fail "$cache is no folder; give $cache_setting.path one that is nobody else's"
    is_ours "$cache" || is_empty "$cache" || fail "$cache has something in it that is not of this site, and nginx \
deletes what it does not know in such a folder; give $cache_setting.path a folder of its own, such as $cache/blobs"
  fi
}

real_path() {
  realpath -m "$1" 2>/dev/null || printf '%s\n' "$1"
}

is_ours() {
  grep -qxF "$1" "$base/caches" 2>/dev/null
}

is_empty() {
  [ -z "$(ls -A "$1" 2>/dev/null)" ]
}

# The folder, for the workers and nobody else. What another user of nginx's has stored can't be read by the one of now.
make_cache() {
  [ -n "$cache" ] || return 0
  uses_cache "$(readlink "$link")" || uses_cache "$base/last-good/site.conf" || new_cache=$cache
  if ! is_ours "$cache"; then
    { cat "$base/caches" 2>/dev/null; printf '%s\n' "$cache"; } >"$base/.new.caches" && settle "$base/.new.caches" &&
      mv -fT "$base/.new.caches" "$base/caches" || fail "cannot write $base/caches (is the disk full?)"
  fi
  make_folder "$cache" || fail "cannot make $cache for $cache_setting, nothing was changed (is the disk full, or \
read-only?)"
  if [ "$(stat -c %u "$cache")" != "$uid" ]; then find "$cache" -mindepth 1 -delete; fi
  chown "$uid:$group" "$cache" && chmod 700 "$cache" || fail "cannot give $cache to nginx's workers"
  if command -v selinuxenabled >/dev/null && selinuxenabled; then chcon -t httpd_cache_t "$cache"; fi
  find_closed "$cache"
  [ -z "$closed" ] || fail "nginx's workers can't get past $closed to $cache; let them enter it (chmod o+x $closed) or \
give $cache_setting.path another folder; nothing was changed"
  remove_damaged
  look_at_room
}

# uses_cache SITE_CONF: true if that release keeps its blobs in this folder.
uses_cache() {
  grep -qsF "proxy_cache_path $cache " "${1%/*}/when-1.19.1-blob-cache.conf"
}

# With the folders above it, of which made is the first that was not there.
make_folder() {
  local each=$1
  while [ ! -e "$each" ] && [ -n "$each" ]; do
    made=$each
    each=${each%/*}
  done
  (umask 022 && mkdir -p "$1")
}

# A crash of the host can leave files that are shorter than nginx believes, and nginx does not look. So a host starts
# without any, if systemd starts it.
empty_at_boot() {
  if [ -z "$cache" ]; then
    rm -f "$(boot_file)"
  elif [ -d /etc/tmpfiles.d ]; then
    write_file "$(boot_file)" "# Written by Pulumi (private-registry, site $site).
R! $cache/*" || warn "cannot write $(boot_file): after a crash of the host, empty $cache by hand"
  fi
}

boot_file() {
  printf '/etc/tmpfiles.d/private-registry-%s.conf' "$site"
}

look_at_room() {
  local has each shared=
  has=$(($(stat -f -c '%b * %S' "$cache") / 1024 / 1024 / 1024))
  [ "$has" -ge $((cache_gib + 3)) ] ||
    warn "the disk of $cache has $has GiB for $cache_setting, and it may take $cache_gib and 3 that stay free: blobs \
go sooner"
  for each in /etc /var/log; do
    if [ "$(stat -c %d "$each")" = "$(stat -c %d "$cache")" ]; then shared+="${shared:+ and }$each"; fi
  done
  [ -z "$shared" ] || warn "$cache is on the disk of $shared: nginx leaves 3 GiB free there, and a faster link than \
2.5 Gbit/s could still fill it; a disk of its own is safer"
}

# What this run has made, if its release did not go live.
drop_new_cache() {
  rm -rf "$new_cache"
  forget_cache "$new_cache"
  [ -n "$made" ] || return 0
  while [ "$new_cache" != "$made" ]; do
    new_cache=${new_cache%/*}
    rmdir "$new_cache" 2>/dev/null || return 0
  done
}

# Folders that this site has used and does not use any more, once no nginx may.
drop_old_caches() {
  local each
  while read -r each; do
    [ "$each" != "$cache" ] || continue
    rm -rf "${each:?}"
    forget_cache "$each"
  done < <(cat "$base/caches" 2>/dev/null)
}

forget_cache() {
  grep -vxF "$1" "$base/caches" >"$base/.new.caches" 2>/dev/null
  mv -fT "$base/.new.caches" "$base/caches"
  [ -s "$base/caches" ] || rm -f "$base/caches"
}

# In a check: the folder, and the blobs in it that are there as a whole, each against its digest. What is found is noted
# in memory, so that the next release that is sent can remove it.
look_at_stored() {
  local blob sum size files file all=0 looked=0
  [ -n "$cache" ] && [ -n "$nginx" ] && is_since 1.19.1 || return 0
  if [ ! -d "$cache" ]; then
    differ "$cache: is missing, so what is pulled is cut off"
    return 0
  fi
  [ -z "$uid" ] || [ "$(stat -c '%a %u' "$cache")" = "700 $uid" ] ||
    differ "$cache: is not for nginx's workers and nobody else (mode 700)"
  rm -f "$memory.damaged"
  SECONDS=0
  while read -r blob size files; do
    all=$((all + 1))
    [ $SECONDS -lt "$hash_seconds" ] || continue
    looked=$((looked + 1))
    sum=${blob##*@}
    # shellcheck disable=SC2086 # words: nginx's own names and numbers
    [ "${sum#*:}" != "$(parts $files | nice "${sum%%:*}sum" | cut -d ' ' -f 1)" ] || continue
    # nginx may have thrown a part away meanwhile.
    for file in $files; do [ -e "$cache/${file%%:*}" ] || continue 2; done
    differ "$cache: holds a damaged copy of $sum of ${blob%@*}, which clients refuse"
    for file in $files; do printf '%s\n' "$cache/${file%%:*}"; done >>"$memory.damaged"
  done < <(whole_blobs | sort -R)
  [ $looked = $all ] ||
    warn "$looked of $all blobs in $cache were hashed, chosen at random: all take longer than a check may"
}

# "<repository>@<digest> <size> <file>:<bytes> ..." for each blob that is there as a whole. The key and the headers are
# at the beginning of each file; the key of a slice says which one.
whole_blobs() {
  (cd "$cache" && LC_ALL=C grep -r -a -o -m 3 -E '^(KEY: .*|Content-(Length: [0-9]+|Range: bytes [0-9/-]+))' \
    --include='????????????????????????????????' . 2>/dev/null) | awk -v slice=$slice_bytes '
    { at = index($0, ":"); file = substr($0, 3, at - 3); said = substr($0, at + 1); sub(/\r$/, "", said) }
    said ~ /^KEY: / { split(said, word, " "); blob[file] = word[2]; sliced[file] = word[3] != ""; next }
    said ~ /^Content-Length/ && !sliced[file] {
      sub(/.* /, "", said); size[blob[file]] = said; whole[blob[file]] = file ":" said; next
    }
    said ~ /^Content-Range/ {
      split(said, word, /[ \/-]/); size[blob[file]] = word[6]
      part[blob[file], word[4] / slice] = file ":" word[5] - word[4] + 1
    }
    END {
      for (each in whole) { print each, size[each], whole[each]; delete size[each] }
      for (each in size) {
        line = each " " size[each]
        for (n = 0; n * slice < size[each] && (each, n) in part; n++) line = line " " part[each, n]
        if (n * slice >= size[each]) print line
      }
    }'
}

parts() {
  local each
  for each in "$@"; do tail -c "${each##*:}" "$cache/${each%%:*}" 2>/dev/null; done
}

# What the last check has found. nginx takes a file that is gone for one that it does not have.
remove_damaged() {
  local each
  [ -e "$memory.damaged" ] || return 0
  while read -r each; do
    if [[ $each == "$cache"/* ]]; then rm -f "$each"; fi
  done <"$memory.damaged"
  rm -f "$memory.damaged"
}
