# How a run ends that can't go on: what is put back, and what is said.

# fail MESSAGE: puts the former release back if the switch was made, says what is, and ends.
fail() {
  trap '' TERM INT HUP
  if [ -n "$switched" ]; then
    go_back
    case $back_is in
      served) outcome="The former release is back." ;;
      gone) outcome="The site is taken away again." ;;
    esac
  fi
  printf 'private-registry: %s%s\n' "$1" "${outcome:+
$outcome}" >&2
  step "failed: ${now:-}"
  if { [ -n "$fresh" ] || made_more; } && is_unread; then
    [ -z "$fresh" ] || rm -rf "$base/releases/$release"
    drop_more
  fi
  if [ -n "$adapted" ] && [ -z "$was_live" ]; then rm -rf "$base/releases/$release/$adapted"; fi
  tidy
  exit 1
}
