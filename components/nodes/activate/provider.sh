# The kubelet's provider in a folder that all stacks of this node share, since a kubelet has one such folder. Copies,
# not links through a release: what is there has to be there whatever becomes of releases.

shared=$root/.kubelet
own=private-registry-$site
config_flag=--image-credential-provider-config=$shared/config
bin_flag=--image-credential-provider-bin-dir=$shared/bin
new_settings=   # not empty if this run has changed what the kubelet reads at its start

# The provider first, then the settings that name it. Those of somebody else, by links.
put_provider() {
  local each from=$base/releases/$release/kubelet
  (umask 022 && mkdir -p "$shared/config" "$shared/bin") && chmod 755 "$shared" "$shared"/{config,bin} || return 1
  if [ -n "$their_bin" ]; then
    for each in "$their_bin"/*; do
      [ ! -x "$each" ] || ln -sfn "$each" "$shared/bin/${each##*/}" || return 1
    done
  fi
  if [ -d "$their_config" ]; then
    for each in "$their_config"/*.json "$their_config"/*.yaml "$their_config"/*.yml; do
      [ ! -e "$each" ] || ln -sfn "$each" "$shared/config/00-${each##*/}" || return 1
    done
  elif [ -n "$their_config" ]; then
    each=${their_config##*/}
    [[ $each == *.json || $each == *.y*ml ]] || each+=.yaml
    ln -sfn "$their_config" "$shared/config/00-$each" || return 1
  fi
  copy "$from/provider" 755 "$shared/bin/$own" || return 1
  if ! cmp -s "$from/provider.yaml" "$shared/config/$own.yaml"; then
    new_settings=yes
    rm -f "$shared/.former"
    [ ! -e "$shared/config/$own.yaml" ] || cp -p "$shared/config/$own.yaml" "$shared/.former" || return 1
    copy "$from/provider.yaml" 644 "$shared/config/$own.yaml"
  fi
}

# copy FILE MODE TO: at once, and only if it differs.
copy() {
  if cmp -s "$1" "$3" && [ "$(stat -c %a "$3")" = "$2" ]; then return 0; fi
  cp "$1" "$shared/.new" && chmod "$2" "$shared/.new" && chown 0:0 "$shared/.new" && settle "$shared/.new" &&
    mv -fT "$shared/.new" "$3" && settle "${3%/*}"
}

# What the kubelet has read before this run.
former_settings() {
  [ -n "$new_settings" ] || return 0
  if [ -e "$shared/.former" ]; then
    mv -fT "$shared/.former" "$shared/config/$own.yaml"
  else
    rm -f "$shared/config/$own.yaml"
  fi
}

# Without identities of pods, and in a delete: flags first, then the settings, then the provider. Flags that somebody
# has written elsewhere need the folder for as long as they are there.
forget_provider() {
  [ -e "$shared/config/$own.yaml" ] || [ -e "$shared/bin/$own" ] || return 0
  step "take the kubelet's provider away"
  if others_share; then
    rm -f "$shared/config/$own.yaml" && settle "$shared/config" && rm -f "$shared/bin/$own"
    return 0
  fi
  if find_kubelet; then read_flags; else in_force=; fi
  find_flags_file
  if grep -qsF -- "$config_flag" "$flags_file"; then
    take_flags_out || return 0
  elif [ -n "$in_force" ]; then
    warn "the kubelet's flags name $shared, and they are not in $flags_file; take them out of its command, restart it, \
and then remove $shared: without it a kubelet with these flags does not start"
    return 0
  fi
  if [ -n "$in_force" ] && [ -n "$restart_kubelet" ]; then
    restart_unit
  elif [ -n "$in_force" ] && has_links; then
    warn "the kubelet goes on with the links in $shared until it is restarted; remove that folder then"
    return 0
  fi
  rm -rf "${shared:?}"
}

# A file in which nothing else was is gone, too.
take_flags_out() {
  local new=$flags_file.private-registry
  with_flags "" >"$new"
  if grep -q '[^[:space:]]' "$new"; then
    chmod --reference="$flags_file" "$new" && settle "$new" && mv -fT "$new" "$flags_file"
  else
    rm -f "$new" "$flags_file"
  fi && rm -f "$flags_file.before-private-registry" && settle "${flags_file%/*}" && return 0
  warn "cannot write $flags_file (is the disk full?), so $shared stays: take the two flags that name it out by hand"
  return 1
}

# True if another stack's provider is there.
others_share() {
  local each
  for each in "$shared"/config/private-registry-*.yaml; do
    [ -e "$each" ] && [ "$each" != "$shared/config/$own.yaml" ] && return 0
  done
  return 1
}

has_links() {
  [ -n "$(find "$shared" -type l 2>/dev/null | head -n 1)" ]
}

# For drift.
look_at_provider() {
  local from=$base/releases/$release/kubelet
  if [ -z "$provider" ]; then
    [ ! -e "$shared/config/$own.yaml" ] || differ "$shared/config/$own.yaml: is of no release"
    return 0
  fi
  cmp -s "$from/provider.yaml" "$shared/config/$own.yaml" || differ "$shared/config/$own.yaml: is not the release's"
  cmp -s "$from/provider" "$shared/bin/$own" || differ "$shared/bin/$own: is not the release's"
  [ -x "$shared/bin/$own" ] || differ "$shared/bin/$own: can't be run"
  if ! find_kubelet; then
    [ "$flavour" != containerd ] || differ "kubelet: does not run"
    return 0
  fi
  read_flags
  if [ -z "$in_force" ]; then
    differ "kubelet: its flags do not name $shared, so pods show no tokens"
  elif [ -e "$shared/config/$own.yaml" ] && is_younger; then
    differ "$shared/config/$own.yaml: was changed after the kubelet had been started"
  fi
}
