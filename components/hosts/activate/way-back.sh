# The way back, prepared before the switch: from there on it needs no room on the disk and no new process.

# Both links are on the disk before the switch, so that switch and way back are a rename each. The guard waits from now
# on: it goes back unless it is told to keep the release, so also if this program is killed. If it can't be prepared,
# nothing has been changed.
prepare_way_back() {
  before=$(readlink "$link")
  if [ -e "$base/last-good$entry" ]; then before=$(readlink "$base/last-good")$entry; fi
  if [ ! -e "$before" ]; then before=; fi
  new=$sites/.zz-private-registry-$site.new
  back=$sites/.zz-private-registry-$site.back
  { [ -z "$before" ] || ln -sfn "$before" "$back"; } && ln -sfn "$base/releases/$release$entry" "$new" &&
    ln -sfn "$base/releases/$release" "$base/.new.last-good" && settle "$sites" "$base" ||
    fail "cannot write to $sites or $base, nothing was changed (is the disk full?)"
  [ "$before" != "$base/releases/$release$entry" ] || return 0
  coproc guard { stand_guard; }
  guarded=${guard_PID:-}
  [ -n "$guarded" ] || fail "cannot start the process that guards the switch, nothing was changed"
}

# Two processes, made in advance: the inner one becomes the rename, the outer one tells the server.
stand_guard() {
  trap '' TERM INT HUP PIPE
  (
    word=
    read -r word
    [ "$word" != keep ] || exit 99
    if [ -n "$before" ]; then exec mv -fT "$back" "$link"; else exec rm -f "$link"; fi
  )
  case $? in
    0) tell; exit 0 ;;
    99) exit 99 ;;
    *) exit 1 ;;
  esac
}

switch() {
  switched=yes
  was_live=yes
  before_link
  mv -fT "$new" "$link" || fail "cannot write $link"
  settle "$sites" "$base/releases/$release"
}

# The release is proven: there is no way back any more.
keep() {
  switched=
  order keep
}

# order WORD: tells the guard, and waits for its end. Its status is 0 if it has gone back.
order() {
  local status=0
  [ -n "$guarded" ] || return 1
  { printf '%s\n' "$1" >&"${guard[1]}"; } 2>/dev/null
  wait "$guarded" 2>/dev/null || status=$?
  guarded=
  return $status
}

# Goes back, and finds out what is then. Sets outcome, and back_is:
#   served  the server has the former release      same  this release was the former one itself, and stays
#   gone    there was none, and it runs without     ""    anything else: outcome says what
go_back() {
  [ -n "$switched" ] || return 0
  switched=
  if [ -z "$guarded" ]; then
    back_is=same
    outcome="There is no former release: $link stays as $server accepted it."
    return 0
  fi
  if ! order back && ! rename_back; then
    stuck=yes
    outcome="The former release could not be put back: $link still points to the new one. Do it by hand: $(by_hand)"
    return 0
  fi
  settle "$sites"
  if await_turn; then
    if [ -n "$before" ]; then back_is=served; else back_is=gone; fi
  else
    outcome="$(link_is), but $(not_taken_back)"
  fi
}

# If the guard itself was killed.
rename_back() {
  if [ -n "$before" ]; then mv -fT "$back" "$link"; else rm -f "$link"; fi
}

link_is() {
  if [ -n "$before" ]; then
    printf '%s points to the former release again' "$link"
  else
    printf '%s is gone again' "$link"
  fi
}

by_hand() {
  if [ -n "$before" ]; then printf 'mv -fT %s %s' "$back" "$link"; else printf 'rm %s' "$link"; fi
  printf '%s' "$by_hand_too"
}
