# The links in containerd's folder of registries.

# The registries that the release has a folder for.
folders() {
  local probe
  for probe in "${probes[@]}"; do folder_of "$probe"; done
  # shellcheck disable=SC2086 # names without blanks
  printf '%s\n' $mirrored
}

# folder_of PROBE: the registry's name as it is in an image's.
folder_of() {
  local scheme port host
  read -r scheme port host <<<"$1"
  if [ "$port" != 443 ]; then host+=:$port; fi
  printf '%s\n' "$host"
}

# Makes a link for each folder of the release that is live, and removes those that lead nowhere any more. They are noted
# before they are made, so that a run that is killed leaves none that nobody knows.
tie() {
  local each folder wanted=() all
  if [ -L "$link" ] && [ -n "${config_path:-}" ]; then
    for each in "$link"/*/hosts.toml; do
      [ -e "$each" ] || continue
      each=${each%/hosts.toml}
      wanted+=("$config_path/${each##*/}")
    done
  fi
  mapfile -t all < <(cat "$base/links" 2>/dev/null; printf '%s\n' "${wanted[@]}")
  write_links "${all[@]}" || return 1
  for each in "${wanted[@]}"; do
    folder=$link/${each##*/}
    [ "$(readlink "$each")" != "$folder" ] || continue
    (umask 022 && mkdir -p "${each%/*}") && ln -sfn "$folder" "${each%/*}/.private-registry-$site.new" &&
      mv -fT "${each%/*}/.private-registry-$site.new" "$each" || return 1
    settle "${each%/*}"
  done
  for each in "${all[@]}"; do
    [[ -n $each && " ${wanted[*]} " != *" $each "* ]] || continue
    if [[ $(readlink "$each") == "$base/"* ]]; then rm -f "$each" || return 1; fi
  done
  write_links "${wanted[@]}"
}

write_links() {
  write_file "$base/links" "$(printf '%s\n' "$@" | sort -u | grep .)"
}
