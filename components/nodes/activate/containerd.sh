# Which containerd, and which folder of registries it reads.

# Sets pid and config: the containerd of this node, by who brings it, and its configuration.
find_containerd() {
  local each name words index
  for each in /proc/[0-9]*; do
    name=
    { read -r name <"$each/comm"; } 2>/dev/null
    [ "$name" = containerd ] && is_here "$each" || continue
    mapfile -d '' -t words <"$each/cmdline"
    config=/etc/containerd/config.toml
    for index in "${!words[@]}"; do
      case ${words[index]} in
        -c | --config) config=${words[index + 1]:-} ;;
        --config=*) config=${words[index]#--config=} ;;
      esac
    done
    case $flavour in
      containerd) [[ $config != */rancher/* ]] || continue ;;
      *) [[ $config == */rancher/"$flavour"/* ]] || continue ;;
    esac
    pid=${each#/proc/}
    return 0
  done
  return 1
}

# True if a process sees this node's files, and is not one in a container.
is_here() {
  [ "$1/ns/mnt" -ef /proc/self/ns/mnt ]
}

# Sets config_path, and trouble: why containerd does not read it; empty if it does. is_stale: a restart would do.
look_at_config() {
  local dump
  config_path=
  trouble=
  is_stale=
  file_section=$(section_of "$(cat "$config" 2>/dev/null || newest)")
  if [ ! -e "$config" ]; then
    trouble="is not there, so containerd has no folder of registries that it obeys"
    return 0
  fi
  if ! dump=$(dump_of "$config" 2>/dev/null); then
    trouble="can't be read by containerd itself ($(dump_of "$config" 2>&1 | grep -v level=warn | head -n 1))"
    return 0
  fi
  config_path=$(path_in "$dump")
  if [ -z "$config_path" ]; then
    trouble="has no config_path, so containerd reads no folder of registries"
  elif [[ $config_path != /* || $config_path == *:* ]]; then
    trouble="has the config_path \"$config_path\", and containerd obeys one folder only"
    config_path=
  elif changed_since "$dump"; then
    trouble="was changed after containerd had been started, so the config_path may not be in force"
    is_stale=yes
    config_path=
  fi
}

# What containerd makes of a configuration, with the files that it imports. It writes it in the newest version that it
# knows, whatever the file has.
dump_of() {
  "/proc/$pid/exe" --config "$1" config dump
}

# The plugin whose table "registry" has config_path, in a configuration of this text.
section_of() {
  if grep -qE '^[ \t]*version *= *([3-9]|[1-9][0-9])' <<<"$1"; then
    echo io.containerd.cri.v1.images
  else
    echo io.containerd.grpc.v1.cri
  fi
}

# The line that a new configuration begins with.
newest() {
  if [[ $("/proc/$pid/exe" --version 2>/dev/null) =~ \ v?1\. ]]; then echo "version = 2"; else echo "version = 3"; fi
}

# path_in DUMP: its config_path.
path_in() {
  setting_in "plugins.$(section_of "$1").registry" config_path <<<"$1"
}

# setting_in TABLE NAME: a setting of a table, out of a dump; the table's name without quotes.
setting_in() {
  awk -v wanted="$1" -v name="$2" '
    /^[ \t]*\[/ {
      table = $0
      gsub(/[][ \t"\047]/, "", table)
      here = table == wanted
    }
    here && $1 == name { sub(/^[^=]*=[ \t]*/, ""); gsub(/["\047]/, ""); print; exit }'
}

# True if the configuration, or a file that it imports, is younger than the process that has read it.
changed_since() {
  local file started
  started=$(started_at "$pid")
  for file in "$config" $(sed -n 's/^imports *= *\[\(.*\)\]/\1/p' <<<"$1" | tr -d "\"'" | tr ',' ' '); do
    [ -e "$file" ] && [ "$(stat -c %Y "$file")" -gt $((started + 1)) ] && return 0
  done
  return 1
}

# started_at PID: when a process was started, in seconds since 1970.
started_at() {
  awk '
    FILENAME == "/proc/stat" && $1 == "btime" { boot = $2 }
    FILENAME != "/proc/stat" { sub(/^.*\) /, ""); ticks = $20 }
    END { print int(boot + ticks / 100) }' /proc/stat "/proc/$1/stat"
}
