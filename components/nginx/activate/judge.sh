# What nginx says of the release, before anything points to it.

# nginx's verdict on the whole configuration with the site's link pointing to $1, or without the site if $1 is empty.
judge() {
  local trial=$base/.trial result
  rm -rf "$trial"
  # The folder may be a link itself: its contents are copied, or the trial would be made in the live one.
  mkdir "$trial" && cp -a "$sites/." "$trial" && rm -f "$trial/${link##*/}" || fail "cannot copy $sites to $trial (is the disk full?)"
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
