# What people are told of problems, a line each: the tag, the digest, what is wrong, and the file in the snapshot. Reads
# the lists `sizes` of the snapshot's blobs, `there` with the files that it has, `has` with what those are, and problems
# as of files.awk. `blobs` is where the snapshot has them.
list == "sizes" { bytes[$1] = $2; next }
list == "there" { there[$1] = 1; next }
list == "has" { has[$1] = $2; next }
{
  what = $0
  for (place = 1; place <= 5; place++) sub(/^[^ ]+ /, "", what)
  print ($1 == "-" ? "of no tag" : $1) ": " $3 ($4 == "-" ? "" : " " $4) ": " said($5, what)
}

function said(path, what) {
  if (path == "-") return what
  file = blobs substr(path, 2)
  if (what !~ /^(is missing|does not match its digest|can't be read)$/) return what ", " file
  if (!there[path]) return "is missing, " file
  if (has[path] == "") return "can't be read, " file
  if (has[path] == digest_of(path)) return what " in what was restored; the snapshot has it whole, " file
  return "expected " digest_of(path) ", has " has[path] " in " bytes[path] " bytes, " file
}
