# What nginx says of the release, before anything points to it.

# nginx's verdict on the whole configuration with the site's link pointing to $1, or without the site if $1 is empty. It
# counts only if nginx has read the trial folder itself, which its dump shows by a file that is there and nowhere else.
judge() {
  local trial=$base/.trial result began=$SECONDS
  marker=${link##*/}
  marker=${marker%.conf}-trial-$$.conf
  rm -rf "$trial"
  # The folder may be a link itself: its contents are copied, or the trial would be made in the live one.
  mkdir "$trial" && cp -a "$sites/." "$trial" && rm -f "$trial/${link##*/}" "$trial"/.zz-private-registry-* &&
    { [ -z "$1" ] || propose "$1" "$trial/${link##*/}"; } && printf '# a trial\n' >"$trial/$marker" ||
    fail "cannot copy $sites to $trial, nothing was changed (is the disk full?)"
  choose_log_mode
  verdict=$(umask "$log_umask" && unshare --mount --propagation private \
    bash -c 'mount --bind "$1" "$2" 2>/dev/null || exit 99; shift 2; exec "$@" -T' trial "$trial" "$sites" \
    "$nginx" "${nginx_args[@]}" 2>&1 >"$base/.trial.dump")
  result=$?
  # A reload needs as long as this test did: it may look names up, at a server that does not answer.
  [ $((SECONDS - began)) = 0 ] || bound=$((5 + 2 * (SECONDS - began)))
  [ $bound -le 60 ] || bound=60
  # 127: no unshare; 1 with its own message: not allowed to; 99: no mount.
  if [ $result = 127 ] || [ $result = 99 ] || [[ $verdict == unshare:* ]]; then
    judge_by_copy "$trial"
    result=$?
  fi
  open_new_logs "$trial"
  verdict=$(printf '%s\n' "$verdict" | grep -v -e 'test failed$' -e 'test is successful$' -e 'syntax is ok$')
  refused_as_it_is=
  if [ $result != 0 ] && [ -n "${by_copy:-}" ] && [[ $verdict == *" in $sites/"* ]]; then
    cannot_test
  elif [ $result != 0 ]; then
    (umask "$log_umask" && run_nginx -t -q) 2>/dev/null || refused_as_it_is=yes
  elif [ -n "$1" ]; then
    none_in_the_way && is_read
    result=$?
    speaks_proxy=
    if has_proxy_protocol <"$base/.trial.dump"; then speaks_proxy=yes; fi
  fi
  rm -rf "$trial" "$base"/.trial.dump
  return $result
}

# propose FILE AS: what nginx is to read in the trial. A release that is there already and needs another choice of its
# files is not touched yet: a copy names the other choice.
propose() {
  if [ -z "$adapted" ]; then
    ln -s "$1" "$2"
  else
    sed "s#/$release/host/#/$release/$adapted/#g" "$1" >"$2"
  fi
}

# Without a mount namespace: a copy of the main configuration, in its own folder, in which every include of the sites'
# folder, however it is written, reads the trial folder.
judge_by_copy() {
  local folder=${conf%/*} copy text result index offset length value place
  copy=$folder/.private-registry-trial.conf
  rm -rf "$1.all"
  cp -aL "$1" "$1.all" || fail "cannot copy $sites, nothing was changed (is the disk full?)"
  text=$(<"$conf")
  for ((index = ${#includes[@]} - 1; index >= 0; index--)); do
    read -r offset length value <<<"${includes[index]}"
    place=$value
    [[ $place == /* ]] || place=$folder/$place
    [ "${place%/*}" -ef "$sites" ] && [[ ${place##*/} != *[\"\\]* ]] || continue
    text=${text:0:offset}\"$1.all/${place##*/}\"${text:offset+length}
  done
  printf '%s\n' "$text" >"$copy" || fail "cannot write $copy, nothing was changed (is the disk full?)"
  verdict=$(umask "$log_umask" && run_nginx -T -c "$copy" 2>&1 >"$base/.trial.dump")
  result=$?
  rm -rf "$copy" "$1.all"
  # Here nginx could still read the live folder, by an include that was not found.
  by_copy=yes
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
  local file reader= dump=$base/.trial.dump
  while read -r file; do
    case $file in
      */"$marker") reader+=m ;;
      */"${link##*/}") reader+=l ;;
      *) if [ -n "${by_copy:-}" ] && [ "${file%/*}" -ef "$sites" ]; then reader+=x; fi ;;
    esac
  done < <(sed -n 's/^# configuration file \(.*\):$/\1/p' "$dump")
  [ "$reader" != ml ] && [ "$reader" != lm ] || return 0
  if [ -n "${by_copy:-}" ] && includes_sites; then
    cannot_test
  fi
  verdict="$conf does not include $sites/*.conf, so nginx would never read the site; add the line
    include $sites/*.conf;
to its http block"
  return 1
}

# True if nginx, as it is configured now, reads something in the sites' folder.
includes_sites() {
  local file
  while read -r file; do
    if [ "${file%/*}" -ef "$sites" ]; then return 0; fi
  done < <(run_nginx -T 2>/dev/null | sed -n 's/^# configuration file \(.*\):$/\1/p')
  return 1
}

cannot_test() {
  fail "can't test on this host, nothing was changed: it allows no mount namespace (unshare --mount), and nginx reads
$sites by an include that can't be pointed to a trial folder: one in a file other than $conf, or with a pattern for
the folder. Write it in $conf as
    include $sites/*.conf;
or run pulumi up with a user who may make mount namespaces"
}
