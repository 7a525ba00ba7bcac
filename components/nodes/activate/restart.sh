# What is done about a containerd that does not read a folder of registries.

default_path=/etc/containerd/certs.d

# put_right: with restartContainerd the configuration gets its config_path, and containerd is started anew; pods go on.
# Without it, the run ends with the lines to write.
put_right() {
  if [ -z "$restart" ] || [ "$flavour" != containerd ]; then
    fail "$config $trouble; write there
$(wanted_lines)
and restart $flavour (pods go on running), then run pulumi up again$(or_let_it)"
  fi
  step "write config_path"
  kept_config=
  if [ -n "$is_stale" ]; then
    echo "private-registry: $config has a config_path, and containerd is started anew to read it"
  else
    write_config_path
    echo "private-registry: $config has got the config_path $default_path, and containerd is started anew to read it"
  fi
  step "restart containerd"
  restart_containerd && is_well && reads_folder && return 0
  [ -n "$kept_config" ] || fail "containerd does not come back with $config: $why_not; see its log (journalctl -u \
containerd) on the node"
  mv -f "$kept_config" "$config" && restart_containerd && is_well ||
    fail "containerd does not come back, with its former configuration either: $why_not; see its log (journalctl -u \
containerd) on the node"
  fail "containerd does not come back with a config_path in $config, so it has its former configuration again; write
$(wanted_lines)
there by hand, and see containerd's log for what it says"
}

or_let_it() {
  [ "$flavour" != containerd ] || printf '%s' "; or set nodeHosts[].restartContainerd to true, and an up does both"
}

# What has to stand in the configuration.
wanted_lines() {
  printf '%s\n' "[plugins.\"$file_section\".registry]" "  config_path = \"$default_path\""
}

# Into the plugin's table, or as a table of its own. Nothing else of what containerd makes of its configuration may
# change.
write_config_path() {
  local new=$config.private-registry before after
  before=$(dump_of "$config" 2>/dev/null)
  if grep -qE '^[ \t]*\[plugins\..*registry\.(mirrors|configs|auths)\.' <<<"$before"; then
    fail "$config has tables registry.mirrors, registry.configs or registry.auths, which containerd does not take \
beside a config_path; make files hosts.toml of them, write
$(wanted_lines)
there and restart containerd"
  fi
  (umask 022 && mkdir -p "${config%/*}" && touch -a "$config") && add_config_path <"$config" >"$new" &&
    chmod --reference="$config" "$new" || fail "cannot write $new (is the disk full?)"
  after=$(dump_of "$new" 2>/dev/null)
  if [ "$(path_in "$after")" != "$default_path" ] ||
    [ -n "$before" ] && [ "$(without_path "$before")" != "$(without_path "$after")" ]; then
    rm -f "$new"
    fail "$config $trouble, and it can't be added safely; write there
$(wanted_lines)
and restart containerd (pods go on running), then run pulumi up again"
  fi
  kept_config=$config.before-private-registry
  cp -p "$config" "$kept_config" && settle "$new" "$kept_config" && mv -fT "$new" "$config" ||
    fail "cannot write $config"
  settle "${config%/*}"
}

# A dump without what is to change; it names the file itself.
without_path() {
  grep -v config_path <<<"${1//"$config.private-registry"/$config}"
}

add_config_path() {
  awk -v plugin="$file_section" -v path="$default_path" -v first="$(newest)" '
    function put() { print "  config_path = \"" path "\""; done = 1 }
    /^[ \t]*\[/ {
      table = $0
      gsub(/[][ \t"\047]/, "", table)
      here = table == "plugins." plugin ".registry"
      print
      if (here && !done) put()
      next
    }
    here && $1 == "config_path" { next }
    { print }
    END {
      if (!done) {
        if (!NR) print first
        print "\n[plugins.\"" plugin "\".registry]"
        put()
      }
    }'
}

restart_containerd() {
  local unit former=$pid
  unit=$(sed -n 's#^.*/\([^/]*\.service\)$#\1#p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
  if ! systemctl restart "${unit:-containerd.service}" >/dev/null 2>&1 9>&-; then
    why_not="systemctl can't restart it"
    return 1
  fi
  SECONDS=0
  until find_containerd && [ "$pid" != "$former" ]; do
    if [ $SECONDS -ge 30 ]; then why_not="it does not run 30 s after its restart"; return 1; fi
    pause
  done
}

# True once containerd serves the kubelet again.
is_well() {
  SECONDS=0
  until serves_kubelet; do
    if [ $SECONDS -ge 30 ]; then why_not="its part for the kubelet (cri) does not start"; return 1; fi
    pause
  done
}

reads_folder() {
  look_at_config
  why_not="$config $trouble"
  [ -z "$trouble" ]
}

serves_kubelet() {
  local socket dump
  command -v ctr >/dev/null || return 0
  dump=$(dump_of "$config" 2>/dev/null)
  socket=$(setting_in plugins.io.containerd.server.v1.grpc address <<<"$dump")
  [ -n "$socket" ] || socket=$(setting_in grpc address <<<"$dump")
  timeout 5 ctr --address "$socket" plugins ls 2>/dev/null |
    awk '$2 == "cri" && $NF == "ok" { ok = 1 } END { exit !ok }'
}
