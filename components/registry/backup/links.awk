# Digests and links, for the programs of store.sh. A link is a file that holds a digest and nothing else, not even a
# line's end.

# The digest of a blob by its file, such as ./sha256/ab/abcd.../data.
function digest_of(path, parts, last) {
  last = split(path, parts, "/")
  return parts[last - 3] ":" parts[last - 1]
}

function blob_of(digest, parts) {
  split(digest, parts, ":")
  return "./" parts[1] "/" substr(parts[2], 1, 2) "/" parts[2] "/data"
}

# True if that is a whole digest. No {64}: not every awk knows it.
function well_formed(digest, parts) {
  if (split(digest, parts, ":") != 2 || parts[2] ~ /[^0-9a-f]/) return 0
  return length(parts[2]) == (parts[1] == "sha256" ? 64 : parts[1] == "sha512" ? 128 : -1)
}

# What a small file holds, with the line's end if it has one; nothing for a file that is not there.
function content(path, text, got) {
  RS = "\001"
  got = (getline text < path)
  close(path)
  RS = "\n"
  return got > 0 ? text : ""
}

# True if a link may hold this digest: a whole one, and that of its path. One that was pushed by its sha512 names the
# blob's sha256.
function sound(path, digest, parts, last) {
  if (!well_formed(digest)) return 0
  last = split(path, parts, "/")
  if (parts[last - 1] == "current") return 1
  return parts[last - 2] != "sha256" || digest == "sha256:" parts[last - 1]
}
