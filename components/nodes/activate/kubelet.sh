# The kubelet, and how it is told of the provider that shows tokens of pods. It reads the provider's settings at its
# start, and does not start if what its flags name is not there: so files come before flags, and go after them.

# Sets kubelet, its process. One inside k3s has none of its own.
find_kubelet() {
  local each name
  kubelet=
  for each in /proc/[0-9]*; do
    name=
    { read -r name <"$each/comm"; } 2>/dev/null
    [ "$name" = kubelet ] && is_here "$each" && [ -n "$(tr -d '\0' <"$each/cmdline" 2>/dev/null)" ] || continue
    kubelet=${each#/proc/}
    return 0
  done
  return 1
}

# Sets in_force, not empty if its last flags are ours, and their_config and their_bin, those of somebody else.
read_flags() {
  local words index word value last_config= last_bin=
  in_force= their_config= their_bin=
  mapfile -d '' -t words <"/proc/$kubelet/cmdline"
  for index in "${!words[@]}"; do
    word=${words[index]}
    case $word in
      *=*) value=${word#*=} ;;
      *) value=${words[index + 1]:-} ;;
    esac
    case ${word%%=*} in
      --image-credential-provider-config)
        last_config=$value
        [ "$value" = "$shared/config" ] || their_config=$value
        ;;
      --image-credential-provider-bin-dir)
        last_bin=$value
        [ "$value" = "$shared/bin" ] || their_bin=$value
        ;;
    esac
  done
  if [ "$last_config" = "$shared/config" ] && [ "$last_bin" = "$shared/bin" ]; then in_force=yes; fi
}

# What can't be otherwise, before anything is written.
look_at_kubelet() {
  local version
  [ -n "$provider" ] || return 0
  if ! find_kubelet; then
    [ "$flavour" != containerd ] || fail "no kubelet runs on this node, and pods are to show tokens by it \
(access.identities[].cluster); start it (systemctl start kubelet) and run pulumi up again"
    return 0
  fi
  version=$("/proc/$kubelet/exe" --version 2>/dev/null)
  if [[ $version =~ v1\.([0-9]+)\. ]] && [ "${BASH_REMATCH[1]}" -lt 34 ]; then
    fail "this node's kubelet is ${version#Kubernetes }, and pods show tokens from 1.34 on; upgrade it, or take the \
identities with cluster: true out of access.identities, and run pulumi up again"
  fi
}

# Once the release is live and proven. What fails here changes nothing about it.
tell_kubelet() {
  if [ -z "$provider" ]; then forget_provider; return 0; fi
  step "put the kubelet's provider"
  if find_kubelet; then read_flags; else in_force= their_config= their_bin=; fi
  put_provider || fail "cannot write to $shared (is the disk full?); the node pulls as the release says, but its pods \
show no tokens"
  if [ -z "$kubelet" ] || [ "$flavour" != containerd ]; then
    [ -n "$in_force" ] || warn "the pods of this node show no tokens until its kubelet is told; write in \
/etc/rancher/$flavour/config.yaml.d/private-registry.yaml
kubelet-arg+:
  - ${config_flag#--}
  - ${bin_flag#--}
and restart $flavour (pods go on running)"
    return 0
  fi
  if [ -n "$in_force" ] && [ -z "$new_settings" ] && ! is_younger; then return 0; fi
  find_flags_file
  if [ -z "$in_force" ] && [ -z "$reads_more" ]; then
    fail "the node has what it needs, but its kubelet has not been told, and its unit $unit reads no \
KUBELET_EXTRA_ARGS from a file; add to its command
$config_flag $bin_flag
and restart it (pods go on running), then run pulumi up again"
  fi
  if [ -z "$restart_kubelet" ]; then
    fail "the node has what it needs, but its kubelet has not been told$(told_how), and run pulumi up again; or set \
nodeHosts[].restartKubelet to true, and an up does it"
  fi
  if [ -z "$in_force" ]; then
    step "write the kubelet's flags"
    write_flags
  fi
  step "restart the kubelet"
  restart_kubelet && return 0
  put_flags_back && former_settings && restart_unit
  fail "the kubelet does not come back with the provider of tokens: $why_not; it has its former flags and settings \
again; see its log (journalctl -u $unit) on the node"
}

told_how() {
  if [ -n "$in_force" ]; then
    printf '%s' "; restart it to have it read $shared/config (systemctl restart $unit; pods go on running)"
  else
    printf '%s' "; add to KUBELET_EXTRA_ARGS in $flags_file
$config_flag $bin_flag
and restart it (systemctl restart $unit; pods go on running)"
  fi
}

# True if our settings are younger than the process that should have read them.
is_younger() {
  [ "$(stat -c %Y "$shared/config/$own.yaml")" -gt $(($(started_at "$kubelet") + 1)) ]
}

# Sets unit, and flags_file, from which the unit has more flags where it is as kubeadm makes it, and reads_more then.
find_flags_file() {
  local said each
  unit=$(sed -n 's#^.*/\([^/]*\.service\)$#\1#p' "/proc/$kubelet/cgroup" 2>/dev/null | head -n 1)
  unit=${unit:-kubelet.service}
  said=$(systemctl cat "$unit" 2>/dev/null)
  flags_file=$(sed -n 's#^EnvironmentFile=-\{0,1\}\(/.*/kubelet\)$#\1#p' <<<"$said" | tail -n 1)
  reads_more=
  if [ -n "$flags_file" ] && [[ $said == *KUBELET_EXTRA_ARGS* ]]; then reads_more=yes; fi
  for each in /etc/default/kubelet /etc/sysconfig/kubelet; do
    if [ -z "$flags_file" ] && [ -e "$each" ]; then flags_file=$each; fi
  done
  flags_file=${flags_file:-/etc/default/kubelet}
}

# Beside what is there already; the former file stays until the kubelet is well.
write_flags() {
  local new=$flags_file.private-registry
  kept_flags=$flags_file.before-private-registry
  rm -f "$kept_flags"
  (umask 022 && mkdir -p "${flags_file%/*}" && with_flags "$config_flag $bin_flag" >"$new") &&
    { [ ! -e "$flags_file" ] || { cp -p "$flags_file" "$kept_flags" && chmod --reference="$flags_file" "$new"; }; } &&
    settle "$new" && mv -fT "$new" "$flags_file" ||
    fail "cannot write $flags_file (is the disk full?); the node pulls as the release says, but its pods show no tokens"
  settle "${flags_file%/*}"
}

# The file with these flags of ours, and no former ones.
with_flags() {
  { [ ! -e "$flags_file" ] || cat "$flags_file"; } | awk -v flags="$1" -v folder="$shared" '
    /^[ \t]*KUBELET_EXTRA_ARGS=/ {
      value = $0
      sub(/^[^=]*=[ \t]*/, "", value)
      sub(/[ \t]*$/, "", value)
      if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
      count = split(value, words, /[ \t]+/)
      value = ""
      for (i = 1; i <= count; i++)
        if (index(words[i], "=" folder "/") == 0) value = value (value == "" ? "" : " ") words[i]
      quote = index(value, "\"") ? "\047" : "\""
      if (flags != "") value = value (value == "" ? "" : " ") flags
      if (value != "" || flags != "") print "KUBELET_EXTRA_ARGS=" quote value quote
      done = 1
      next
    }
    { print }
    END { if (!done && flags != "") print "KUBELET_EXTRA_ARGS=\"" flags "\"" }'
}

put_flags_back() {
  [ -n "${kept_flags:-}" ] || return 0
  if [ -e "$kept_flags" ]; then mv -fT "$kept_flags" "$flags_file"; else rm -f "$flags_file"; fi
  settle "${flags_file%/*}"
}

restart_unit() {
  systemctl restart "$unit" >/dev/null 2>&1 9>&-
}

# True once the kubelet is there again, with our flags, and says that it is well.
restart_kubelet() {
  local former=$kubelet
  if ! restart_unit; then
    why_not="systemctl can't restart $unit"
    return 1
  fi
  SECONDS=0
  until find_kubelet && [ "$kubelet" != "$former" ] && read_flags && [ -n "$in_force" ] && is_healthy; do
    if [ $SECONDS -ge 60 ]; then
      why_not="it is not well 60 s after its restart"
      if [ -n "$kubelet" ] && [ -z "$in_force" ]; then why_not="its command line has not got the flags"; fi
      return 1
    fi
    pause
  done
  rm -f "${kept_flags:-}" "$shared/.former"
}

# By its own word (healthz on loopback), or, where it gives none, by living for five seconds.
is_healthy() {
  local line same=$kubelet began=$SECONDS
  if { exec 8<>/dev/tcp/127.0.0.1/10248; } 2>/dev/null; then
    printf 'GET /healthz HTTP/1.0\r\n\r\n' >&8
    read -r -t 5 line <&8
    exec 8>&-
    [[ ${line:-} == *" 200 "* ]]
    return
  fi
  while [ $((SECONDS - began)) -lt 5 ]; do
    pause
    find_kubelet && [ "$kubelet" = "$same" ] || return 1
  done
}
