# What runs on an nginx host, as root, in bash: it makes one site's release live, or takes the site away.
#
# The data comes before this text (see release.ts): site, owner, release, root, probe_header, probes, unpack().
# The rule that everything here serves: a file that a start of nginx would read has been accepted by nginx before.
# So a release lies in a folder of its own that nothing points to; nginx judges the whole configuration with it in a
# private mount namespace; then one symbolic link in nginx's own folder is renamed, and only that makes it live.
#
#   $root/<site>/releases/<hash>/     a release; never changed once live
#   $root/<site>/last-good            link to the release that was last seen serving
#   $root/<site>/owner                who wrote the site: "<project>/<stack>/<name> <address>"
#   <nginx>/conf.d or sites-enabled/zz-private-registry-<site>.conf -> $root/<site>/releases/<hash>/site.conf

bound=5      # seconds in which workers must serve a release
kept=3       # releases that stay on disk
switched=    # not empty while the link points to a release that is not proven yet
fresh=       # not empty if this run made the release's folder

main() {
  umask 077
  export LC_ALL=C PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  # A cut connection must not stop this half-way: messages are lost then, the work is not.
  trap '' PIPE
  trap 'fail "it was stopped from outside, or took longer than it may"' TERM INT HUP
  base=$root/$site
  case ${1:-} in
    create | update) put_live "$1" ;;
    delete) take_away ;;
    *) fail "there is no '${1:-}' to do" ;;
  esac
}

put_live() {
  mkdir -p -m 755 "$root" "$base" "$base/releases" || fail "cannot write to $root"
  lock
  step "look at the host"
  find_nginx || fail "nginx is not installed on this host; install the package nginx, start it, and run pulumi up again"
  find_master || fail "nginx is not running on this host; start it (systemctl start nginx) and run pulumi up again"
  find_link
  check_owner "$1"
  step "stage"
  stage
  step "test"
  judge "$base/releases/$release/site.conf" || refuse
  step "write the owner"
  write_file "$base/owner" "$owner" || fail "cannot write $base/owner"
  before=$(readlink "$link")
  if [ -e "$base/last-good/site.conf" ]; then before=$(readlink "$base/last-good")/site.conf; fi
  if [ ! -e "$before" ]; then before=; fi
  step "switch"
  errors_from=$(stat -c %s "$error_log" 2>/dev/null || echo 0)
  switched=yes
  point "$base/releases/$release/site.conf" || fail "cannot write $link"
  step "reload"
  reload || not_served "nginx did not take the new configuration within $bound s"
  step "prove"
  prove || not_served "nginx reloaded, but did not answer with the new release within $bound s"
  switched=
  step "remember"
  remember
  prune
  tidy
  step "done"
}

take_away() {
  [ -d "$base" ] || return 0
  lock
  step "look at the host"
  find_nginx
  find_link
  if [ "$(cat "$base/owner" 2>/dev/null)" != "$owner" ]; then
    if [ -e "$base/owner" ] || [ -L "$link" ]; then
      echo "private-registry: this host's site $site is not ours (any more): left alone"
      return 0
    fi
  fi
  if [ -n "$nginx" ] && [ -L "$link" ]; then
    step "test without the site"
    judge "" || fail "nginx refuses this host's configuration without the site, so it stays; nginx says:
$verdict"
  fi
  step "unlink"
  rm -f "$link" && settle "$sites" || fail "cannot remove $link"
  if [ -n "$nginx" ] && find_master; then
    step "reload"
    reload || fail "nginx did not take the configuration without the site within $bound s; nginx says:
$(new_errors)"
  fi
  step "remove"
  rm -rf "$base/releases" "$base/last-good" "$base"/.trial* "/run/private-registry-$site"
  rm -rf "${base:?}"
  rmdir "$root" 2>/dev/null
  return 0
}

# One writer per host at a time: sites share nginx's configuration, so they share the lock. It lives in memory, so that
# none outlives a restart, and its file stays.
lock() {
  exec 9>"/run/private-registry.lock" || fail "cannot write /run/private-registry.lock"
  flock -w 60 9 || fail "another run has held this host's lock for 60 s; wait for it and run pulumi up again"
  rm -rf "$base"/.trial* "$base"/releases/.stage* "$base"/.new.*
}

step() {
  now=$1
  [ -d "$base" ] && printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$release" "$1" >>"$base/log" 2>/dev/null
  return 0
}

# fail MESSAGE: says it, puts the former release back if the switch was made, and ends.
fail() {
  trap '' TERM INT HUP
  printf 'private-registry: %s\n' "$1" >&2
  [ -n "$switched" ] && go_back
  if [ -n "$fresh" ]; then rm -rf "$base/releases/$release"; fi
  step "failed: ${now:-}"
  tidy
  exit 1
}

refuse() {
  local as_it_is=
  if [ -n "$refused_as_it_is" ]; then
    as_it_is=" (it refuses the configuration as it is now, too, without this release: that has to be mended first)"
  fi
  fail "nginx refuses this release, nothing was changed$as_it_is; nginx says:
$verdict"
}

not_served() {
  local errors
  errors=$(new_errors)
  fail "$1, so the former one is back; nginx says:
${errors:-nothing in $error_log}"
}

go_back() {
  switched=
  case $before in
    "$base/releases/$release/"*) fresh=; before_is=same ;;
    *) before_is=other ;;
  esac
  point "$before" && reload || echo "private-registry: and the former release could not be put back: look at $link" >&2
  [ "$before_is" = same ] && echo "private-registry: there is no former release: $link stays as nginx accepted it" >&2
  return 0
}

# --- the host ---------------------------------------------------------------------------------------------------------

find_nginx() {
  nginx=$(command -v nginx) || return 1
  local build
  build=$("$nginx" -V 2>&1)
  version=0
  [[ $build =~ nginx/([0-9.]+) ]] && version=${BASH_REMATCH[1]}
  conf=/etc/nginx/nginx.conf
  [[ $build =~ --conf-path=([^[:space:]]+) ]] && conf=${BASH_REMATCH[1]}
  pid_file=/run/nginx.pid
  [[ $build =~ --pid-path=([^[:space:]]+) ]] && pid_file=${BASH_REMATCH[1]}
  local main_text
  main_text=$'\n'$(<"$conf")
  [[ $main_text =~ $'\n'[[:space:]]*pid[[:space:]]+([^;[:space:]]+)[[:space:]]*\; ]] && pid_file=${BASH_REMATCH[1]}
  error_log=/var/log/nginx/error.log
  [[ $main_text =~ $'\n'[[:space:]]*error_log[[:space:]]+([^;[:space:]]+) ]] && error_log=${BASH_REMATCH[1]}
  # Debian includes sites-enabled after conf.d. A site that comes first on a port is the port's default one, and that
  # must not be ours where there are others: so ours goes where it is read last.
  sites=$(dirname "$conf")/conf.d
  if [[ $main_text =~ $'\n'[[:space:]]*include[[:space:]]+[^\;]*sites-enabled/ ]]; then
    sites=$(dirname "$conf")/sites-enabled
  fi
}

find_link() {
  link=${sites:-/etc/nginx/conf.d}/zz-private-registry-$site.conf
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    fail "$link is there and is no link of ours; move it away and run pulumi up again"
  fi
}

find_master() {
  master=
  read -r master 2>/dev/null <"$pid_file" && [ -n "$master" ] && [[ $(title "$master") == "nginx: master process"* ]]
}

# What a process calls itself.
title() {
  local text=
  { IFS= read -r -d '' text <"/proc/$1/cmdline"; } 2>/dev/null
  printf '%s' "$text"
}

# The workers of the master that have not been told to leave.
workers() {
  local child all=
  if [ -r "/proc/$master/task/$master/children" ]; then
    read -r all <"/proc/$master/task/$master/children"
  else
    all=$(grep -l "^PPid:[[:space:]]*$master\$" /proc/[0-9]*/status 2>/dev/null | tr -dc '0-9\n')
  fi
  for child in $all; do
    case $(title "$child") in
      *"shutting down"*) ;;
      "nginx: worker process"*) printf '%s ' "$child" ;;
    esac
  done
}

check_owner() {
  local there
  there=$(cat "$base/owner" 2>/dev/null) || return 0
  if [ "$1" = create ] && [ "${there%% *}" != "${owner%% *}" ]; then
    fail "the site $site on this host was written by ${there%% *}, and this is ${owner%% *}; give the component another \
name, or, if the other one is gone for good, remove $base/owner on the host"
  fi
}

# --- the release ------------------------------------------------------------------------------------------------------

# put MODE READERS PATH: one file of the release, from stdin in base64.
put() {
  local file=$stage/$3
  [ -d "${file%/*}" ] || mkdir -m 750 "${file%/*}" || return 1
  base64 -d >"$file" && chmod "$1" "$file" || return 1
  if [ "$2" = nginx ]; then chgrp "$group" "$file"; fi
}

# Unpacks beside the other releases, reads it all back, and gives it its name. A folder of that name that is there
# already holds the same release; what differs in it is put right file by file, each by a rename.
stage() {
  local worker dir=$base/releases/$release
  stage=$base/releases/.stage
  worker=$(workers)
  group=$(sed -n 's/^Gid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/${worker%% *}/status" 2>/dev/null)
  [ -n "$group" ] || fail "nginx runs no worker process; see $error_log"
  mkdir -m 750 "$stage" && chgrp "$group" "$stage" && unpack && adapt && whole "$stage" ||
    fail "the release could not be written to $base (is the disk full?)"
  find "$stage" -type d -exec chgrp "$group" {} +
  if command -v restorecon >/dev/null; then restorecon -R "$stage"; fi
  settle "$stage"/* "$stage"
  if [ -d "$dir" ]; then
    whole "$dir" || mend "$dir" || fail "the release in $dir differs from what was written and cannot be mended"
    rm -rf "$stage"
  else
    fresh=yes
    mv -T "$stage" "$dir" || fail "cannot write to $base/releases"
  fi
  touch "$dir"
  settle "$dir" "$base/releases"
}

# True if a folder holds the release: every file, its mode, its content. A line of MANIFEST is "<sum>  <mode> <readers> <path>".
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

mend() {
  local path
  (cd "$stage" && find . -type f) | while read -r path; do
    mkdir -p -m 750 "$(dirname "$1/$path")" && mv -fT "$stage/$path" "$1/$path" || exit 1
  done && settle "$1"/*
}

# What depends on the host and not on the release: links to those of its files that this nginx can use.
#   when-1.25.1-x.conf   nginx of that version or newer     when-ipv6-x.conf   a host with IPv6
#   when-njs-x.conf      an nginx that has loaded njs       unless-...         the opposite
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
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    if [ -e "$file" ]; then ln -s "$file" "$stage/host-ca.pem"; return; fi
  done
}

host_has() {
  case $1 in
    ipv6) [ -e /proc/net/if_inet6 ] ;;
    njs) grep -RqsE '^[[:space:]]*load_module[[:space:]]+[^;]*ngx_http_js_module' "$conf" "${conf%/*}/modules-enabled" ;;
    *) [ "$(printf '%s\n' "$1" "$version" | sort -V | head -n 1)" = "$1" ] ;;
  esac
}

# nginx's verdict on the whole configuration with the site's link pointing to $1, or without the site if $1 is empty.
judge() {
  local trial=$base/.trial result
  rm -rf "$trial"
  cp -a "$sites" "$trial" && rm -f "$trial/${link##*/}" || fail "cannot copy $sites to $trial (is the disk full?)"
  if [ -n "$1" ]; then ln -s "$1" "$trial/${link##*/}" || fail "cannot write $trial"; fi
  verdict=$(unshare --mount --propagation private bash -c 'mount --bind "$1" "$2" 2>/dev/null || exit 99; exec "$3" -T' \
    trial "$trial" "$sites" "$nginx" 2>&1 >"$base/.trial.dump")
  result=$?
  # 127: no unshare; 1 with its own message: not allowed to; 99: no mount.
  if [ $result = 127 ] || [ $result = 99 ] || [[ $verdict == unshare:* ]]; then
    judge_by_copy "$trial"
    result=$?
  fi
  verdict=$(printf '%s\n' "$verdict" | grep -v -e 'test failed$' -e 'test is successful$' -e 'syntax is ok$')
  refused_as_it_is=
  if [ $result != 0 ]; then
    "$nginx" -t -q 2>/dev/null || refused_as_it_is=yes
  elif [ -n "$1" ]; then
    none_in_the_way && is_read
    result=$?
  fi
  rm -rf "$trial" "$base"/.trial.dump
  return $result
}

# Without a mount namespace: a copy of the main configuration, in its own folder, that reads the trial folder.
judge_by_copy() {
  local folder copy result
  folder=$(dirname "$conf")
  copy=$folder/.private-registry-trial.conf
  rm -rf "$1.all"
  cp -aL "$1" "$1.all" || fail "cannot copy $sites (is the disk full?)"
  sed -E "s#(include[[:space:]]+)($folder/)?${sites##*/}/#\1$1.all/#" "$conf" >"$copy" || fail "cannot write $copy"
  verdict=$("$nginx" -T -c "$copy" 2>&1 >"$base/.trial.dump")
  result=$?
  rm -rf "$copy" "$1.all"
  return $result
}

# nginx only warns when two sites have the same name on the same port, and serves the first.
none_in_the_way() {
  local probe name
  for probe in "${probes[@]}"; do
    name=${probe##* }
    if [[ $verdict == *"conflicting server name \"$name\" on"* ]]; then
      verdict="another site on this host already serves $name; remove it there first
$verdict"
      return 1
    fi
  done
}

is_read() {
  grep -q "^# configuration file .*/${link##*/}:\$" "$base/.trial.dump" && return 0
  verdict="$conf does not include $sites/*.conf, so nginx would never read the site; add the line
    include $sites/*.conf;
to its http block"
  return 1
}

# --- the switch -------------------------------------------------------------------------------------------------------

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

# --- afterwards -------------------------------------------------------------------------------------------------------

# If this can't be written, nothing is remembered: a later failure then goes back to what the link says.
remember() {
  ln -sfn "$base/releases/$release" "$base/.new.last-good" && mv -fT "$base/.new.last-good" "$base/last-good" ||
    rm -f "$base/last-good"
  settle "$base"
}

prune() {
  local name count=0
  # shellcheck disable=SC2012 # the names are hashes
  ls -1t "$base/releases" | while read -r name; do
    count=$((count + 1))
    if [ $count -gt $kept ] && [ "$name" != "$release" ]; then rm -rf "${base:?}/releases/$name"; fi
  done
  return 0
}

tidy() {
  rm -rf "$base"/.trial* "$base"/releases/.stage "$base"/.new.* "${sites:-$base}/.zz-private-registry-$site.new"
  return 0
}

write_file() {
  printf '%s\n' "$2" >"$base/.new.file" && settle "$base/.new.file" && mv -fT "$base/.new.file" "$1"
}

# To the disk, so that a power cut finds it too.
settle() {
  sync "$@" 2>/dev/null || sync
}
