# The logs that nginx makes while it tests: they get what the host's other logs have, so that whoever reads those reads
# these.

# Sets log_like, a log that the host has, and log_umask, with which nginx makes files of that log's mode.
choose_log_mode() {
  local mode each
  log_like=
  for each in "$error_log" "${error_log%/*}"/access.log "${error_log%/*}"/*.log; do
    if [ -f "$each" ] && [ "$each" != "$journal" ]; then log_like=$each; break; fi
  done
  mode=0640
  if [ -n "$log_like" ]; then mode=0$(stat -c %a "$log_like"); fi
  log_umask=$(printf '%04o' $((0666 & ~mode)))
}

# The empty logs that are newer than the folder $1, which was made right before the test.
open_new_logs() {
  local folders
  [ -n "$log_like" ] || return 0
  mapfile -t folders < <(
    grep -oE '(access|error)_log[[:space:]]+["'\'']?/[^[:space:];"'\'']+' "$base/.trial.dump" 2>/dev/null |
      sed -E 's#^[^/]*(/.*)/[^/]*$#\1#' | sort -u
  )
  find "${error_log%/*}" "${folders[@]}" -maxdepth 1 -type f -empty -user root -cnewer "$1" \
    -exec chown --reference="$log_like" {} + -exec chmod --reference="$log_like" {} + 2>/dev/null
  return 0
}
