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

# The reload by the process that guards the switch, which does not wait.
tell() {
  if find_master; then kill -HUP "$master"; fi
}

not_taken() {
  printf '%s' "nginx did not take the new configuration within $bound s"
}

not_taken_back() {
  if [ -z "$master" ]; then
    printf '%s' "nginx is not running: start it (systemctl start nginx) and run pulumi up again."
  else
    printf '%s' "nginx did not take that within $bound s either and runs on with what it has read before; \
\"nginx -t\" on the host says why. Fix that and run pulumi up again."
  fi
}
