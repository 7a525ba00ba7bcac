# A node of the cluster: what containerd brings to what every kind of host does (components/hosts/activate/main.sh).
#
# containerd reads <config_path>/<registry>/hosts.toml at each pull. That folder is a link of ours through $base/live,
# so one rename changes all that a release says, and files are there before the links that lead to them.
#
#   $root/<site>/live                 -> $root/<site>/releases/<hash>
#   $root/<site>/links                a line for each link that was made in a config_path
#   <config_path>/<registry>          -> $root/<site>/live/<registry>
#   $root/.kubelet                    the kubelet's providers, of all stacks (provider.sh)

# What passes between the files, and who sets it:
#   pid config  find_containerd      config_path trouble is_stale file_section  look_at_config      why_not  reach
#   kubelet  find_kubelet             in_force their_config their_bin  read_flags     unit flags_file reads_more

set_up() {
  server=containerd
  entry=
  by_hand_too=
  journal=/var/log/private-registry.log
  sites=$base
  link=$base/live
}

look_at_host() {
  find_containerd || fail "containerd does not run on this node as the flavour $flavour has it (nodeHosts[].flavour: \
containerd, k3s or rke2); start it, or correct the flavour, and run pulumi up again"
  command -v curl >/dev/null || command -v openssl >/dev/null ||
    fail "this node has neither curl nor openssl, and one of them has to ask the registry; install the package curl \
and run pulumi up again"
}

look_at_needs() {
  local folder
  look_at_kubelet
  look_at_config
  [ -z "$trouble" ] || put_right
  for folder in $(folders); do
    if [[ $(readlink "$config_path/$folder") != "$base/"* ]] &&
      { [ -e "$config_path/$folder" ] || [ -L "$config_path/$folder" ]; }; then
      fail "$config_path/$folder is there and is no link of ours; move it away (mv $config_path/$folder \
$base.before) and run pulumi up again"
    fi
  done
}

# containerd runs as root.
find_readers() {
  uid=0
  group=0
}

adapt() {
  return 0
}

finish_staged() {
  return 0
}

keep_choice() {
  return 0
}

look_at_staged() {
  return 0
}

before_link() {
  return 0
}

# From the node, with these very files, as containerd will.
judge() {
  reach "$1"
}

refuse() {
  fail "the registry can't be reached from this node as containerd would, nothing was changed: $why_not"
}

mark_errors() {
  return 0
}

# The next pull reads what is there: the links have to be, and lead there.
reload() {
  await_turn
}

await_turn() {
  tie
}

tell() {
  return 0
}

not_taken() {
  printf '%s' "the links in $config_path could not be made (is the disk full?)"
}

not_taken_back() {
  not_taken
}

# The way that containerd goes, through the links.
prove() {
  local folder
  for folder in $(folders); do
    if [ ! -r "$config_path/$folder/hosts.toml" ]; then
      why_not="$config_path/$folder/hosts.toml can't be read"
      return 1
    fi
  done
  reach "$config_path"
}

not_proven() {
  printf '%s' "the release is there, but $why_not"
}

# not_served WHY: goes back first, and says only then what is.
not_served() {
  trap '' TERM INT HUP
  go_back
  case $back_is in
    served) outcome="The former release is back." ;;
    gone) outcome="Nothing of it is there any more." ;;
  esac
  fail "$1"
}

remember_more() {
  return 0
}

prune_more() {
  return 0
}

look_elsewhere() {
  tell_kubelet
}

# A pull reads the files when it begins, and three releases stay.
unused() {
  return 0
}

made_more() {
  return 1
}

drop_more() {
  return 0
}

tidy_more() {
  [ -z "${config_path:-}" ] || rm -f "$config_path/.private-registry-$site.new"
}

find_server() {
  return 0
}

# Links first: without them the node pulls as it did before.
unlink_site() {
  step "unlink"
  rm -f "$link"
  tie || fail "cannot remove the links that $base/links names"
}

remove_more() {
  forget_provider
}

look_again() {
  config_path=
  if ! find_containerd; then
    differ "containerd: does not run as the flavour $flavour has it"
    return 0
  fi
  look_at_config
  [ -z "$trouble" ] || differ "$config: $trouble"
}

look_at_readers() {
  group=0
}

ignores() {
  return 1
}

compare_as() {
  cat
}

unreadable() {
  return 0
}

look_at_server() {
  local folder
  look_at_provider
  [ -n "$config_path" ] || return 0
  for folder in $(folders); do
    if [ "$(readlink "$config_path/$folder")" != "$link/$folder" ]; then
      differ "$config_path/$folder: is not the link to $link/$folder, so containerd does not read the release"
    fi
  done
  reach "$link" || differ "the registry: $why_not"
}

revoke() {
  fail "a node has no users whose passwords could be revoked"
}
