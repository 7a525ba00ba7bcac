# Passwords that are not to open anything any more, from now on: the way for when an up can't reach all hosts.
#
# A line of the file "revoked" is "<name> <SHA-256 of the line in the user file>": a later release that still has this
# line gets it without its hash, until a release without it has been live.

# For each user named in "revoked": no release on this disk lets the password in, and no memory does. Lines whose sums
# are in "spared" stay.
revoke() {
  local name file line sum
  if [ ! -d "$base/releases" ]; then
    echo "private-registry: there is no site $site on this host"
    return 0
  fi
  lock
  step "revoke"
  for name in "${revoked[@]}"; do
    for file in "$base"/releases/*/users "$base"/releases/*/made-users; do
      if [ -f "$file" ]; then line_of "$name" "$file"; fi
    done | while read -r line; do
      sum=$(printf '%s' "$line" | sha256sum)
      [[ $spared == *" ${sum%% *} "* ]] || printf '%s %s\n' "$name" "${sum%% *}"
    done
  done | cat - "$base/revoked" 2>/dev/null | sort -u >"$base/.new.revoked" &&
    settle "$base/.new.revoked" && mv -fT "$base/.new.revoked" "$base/revoked" || fail "cannot write $base/revoked"
  for file in "$base"/releases/*/; do
    drop_revoked "${file%/}" || fail "cannot write to $file"
  done
  # Twice: a comparison that had begun with the former file may still have been written down.
  empty_memory
  for name in 1 2 3 4 5 6 7 8; do pause; done
  empty_memory
  for name in "${revoked[@]}"; do
    if grep -q "^$(quoted "$name") " "$base/revoked"; then
      echo "private-registry: what opened as $name here until now opens nothing any more"
    else
      echo "private-registry: there is no user $name here"
    fi
  done
}

empty_memory() {
  find "$memory" "$memory.refused" "$memory.tokens" -type f -delete 2>/dev/null
  return 0
}

quoted() {
  sed 's/[][\.*^$]/\\&/g' <<<"$1"
}

# line_of NAME FILE: the user's line, unless it has lost its hash already.
line_of() {
  grep "^$(quoted "$1"):" "$2" | grep -vF ":$(decoy_in "$(<"$2")")"
}

# The hash of a user file that fits no password: a comparison with it takes as long as one with another.
decoy_in() {
  sed -n 's/^\.nobody:\(.*\)$/\1/p' <<<"$1" | head -n 1
}

# drop_revoked FOLDER: takes the hashes of revoked lines out of a release's user files, each file by a rename.
drop_revoked() {
  local file text
  [ -s "$base/revoked" ] || return 0
  for file in "$1/users" "$1/made-users"; do
    [ -f "$file" ] || continue
    text=$(without_revoked "$(<"$file")")
    [ "$text" != "$(<"$file")" ] || continue
    cp -p "$file" "$file.new" && printf '%s\n' "$text" >"$file.new" && settle "$file.new" &&
      mv -fT "$file.new" "$file" || return 1
  done
}

# The text of a user file as it is when what is revoked has no hash.
without_revoked() {
  local line sum
  while IFS= read -r line; do
    if grep -q "^$(quoted "${line%%:*}") " "$base/revoked"; then
      sum=$(printf '%s' "$line" | sha256sum)
      if grep -qxF "${line%%:*} ${sum%% *}" "$base/revoked"; then line=${line%%:*}:$(decoy_in "$1"); fi
    fi
    printf '%s\n' "$line"
  done <<<"$1"
}

# Once a release without a revoked line is live, the line has gone from the stack, too, and nothing is left to remember.
forget_revoked() {
  local file name sum line
  [ -e "$base/revoked" ] || return 0
  unpack_lines | while IFS= read -r line; do
    sum=$(printf '%s' "$line" | sha256sum)
    printf '%s %s\n' "${line%%:*}" "${sum%% *}"
  done | grep -xFf "$base/revoked" >"$base/.new.revoked"
  if [ -s "$base/.new.revoked" ]; then
    mv -fT "$base/.new.revoked" "$base/revoked"
  else
    rm -f "$base/revoked" "$base/.new.revoked"
    empty_memory
  fi
}

# The lines of the user files as the stack has them.
unpack_lines() {
  (
    put() { case $3 in users | made-users) base64 -d ;; *) cat >/dev/null ;; esac; }
    unpack
  )
}
