# The reload.

# Sends the reload, and waits until none of the former workers accepts connections any more and new ones do. A master
# that somebody restarts meanwhile is followed: the new one is told, too, since nobody knows what it has read.
reload() {
  await_turn
}

await_turn() {
  told=
  SECONDS=0
  until turned; do
    [ $SECONDS -lt $bound ] || return 1
    pause
  done
}

turned() {
  local worker
  find_master || return 1
  workers
  if [ "$master" != "$told" ]; then
    old=$working
    if kill -HUP "$master" 2>/dev/null; then told=$master; fi
    return 1
  fi
  [ -n "${working// /}" ] || return 1
  for worker in $old; do
    [[ " $working" != *" $worker "* ]] || return 1
  done
}

# A moment, without a process for it.
pause() {
  local nothing
  if [ -z "${idle:-}" ]; then exec {idle}<> <(:); fi
  read -r -t 0.05 -u "$idle" nothing
  return 0
}
