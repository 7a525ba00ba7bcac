# Adds to each problem, in the words of tags.awk, the file of the blob that it is about, or - for none, and to them the
# blobs that no tag needs: `<repository>:<tag> <digest of the tag> <kind> <digest> <file> <what is wrong>`. Reads the
# lists `hashed` as of store.sh, `problems`, and the files of the blobs that have to be there. A blob that was pushed by
# its sha512 lies under the digest that its link names; `root` has the repositories.
list == "hashed" { state[$1] = $2; next }
list == "problems" {
  what = $0
  sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", what)
  path = $4 == "-" ? "-" : blob_of(target(substr($1, 1, match($1, /:[^:]*$/) - 1), $4))
  told[path] = 1
  print $1, $2, $3, $4, path, what
  next
}
state[digest_of($1)] != "whole" && !told[$1] { print "- - blob", digest_of($1), $1, "is missing" }

function target(repository, digest, path, link, found) {
  path = digest
  sub(/:/, "/", path)
  link = root "/" repository "/_layers/" path "/link"
  found = content(link)
  if (sound(link, found)) return found
  link = root "/" repository "/_manifests/revisions/" path "/link"
  found = content(link)
  return sound(link, found) ? found : digest
}
