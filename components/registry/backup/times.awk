# Times as seconds since 1970, for drill.sh: of RFC 3339, or a snapshot's name. Nothing for what is no time. No mktime:
# not every awk has it, and it goes by the zone of the machine.
function seconds(text, parts, day, offset, sign) {
  if (text !~ /^[0-9][0-9][0-9][0-9]-?[0-9][0-9]-?[0-9][0-9][Tt ][0-9][0-9]:?[0-9][0-9]:?[0-9][0-9]/) return ""
  offset = 0
  if (match(text, /[-+][0-9][0-9]:[0-9][0-9]$/)) {
    sign = substr(text, RSTART, 1) == "-" ? -1 : 1
    offset = sign * (substr(text, RSTART + 1, 2) * 3600 + substr(text, RSTART + 4, 2) * 60)
    text = substr(text, 1, RSTART - 1)
  }
  gsub(/[^0-9]/, "", text)
  day = days(substr(text, 1, 4) + 0, substr(text, 5, 2) + 0, substr(text, 7, 2) + 0)
  return day * 86400 + substr(text, 9, 2) * 3600 + substr(text, 11, 2) * 60 + substr(text, 13, 2) - offset
}

# Days from 1970-01-01, in years that begin in March.
function days(year, month, day) {
  if (month < 3) {
    year--
    month += 12
  }
  day += int((153 * (month - 3) + 2) / 5)
  return 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + day - 719469
}
