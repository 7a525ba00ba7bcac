# What was found in a store, for drill.sh. Reads lists: `hashed` and `references` as of store.sh, `created` of
# created.awk, and `tags`. Prints, by `wanted`, how many manifests, configs and layers there are, or the newest image as
# `<repository>:<tag> <time> <seconds>`.
list == "hashed" { there[$1] = 1; next }
list == "created" {
  at = seconds($2)
  # A build machine's clock may be wrong, and builds that can be repeated say 0001, 1970 or the first day of 1980.
  if (at > 315619200 && at <= now && (newest == "" || at > newest)) {
    newest = at
    config = $1
    written = $2
  }
  next
}
list == "references" {
  if ($2 == "read") manifests[$1] = 1
  else {
    parents[$3] = parents[$3] " " $1
    if ($2 == "config") configs[$3] = 1
    else if ($2 != "manifest") layers[$3] = 1
  }
  next
}
list == "tags" && !($3 in tag) { tag[$3] = $1 ":" $2 }
END {
  if (wanted == "newest" && newest != "" && named(config) != "") print named(config), written, newest
  if (wanted != "counts") exit
  for (digest in manifests) count["manifests"]++
  for (digest in configs) if (there[digest]) count["configs"]++
  for (digest in layers) if (there[digest] && !(digest in manifests) && !(digest in configs)) count["layers"]++
  print count["manifests"] + 0 " manifests, " count["configs"] + 0 " configs, " count["layers"] + 0 " layers"
}

# The tag that leads to a blob.
function named(digest, all, last, place, found) {
  if (digest in tag) return tag[digest]
  if (digest in visited) return visited[digest]
  visited[digest] = ""
  last = split(parents[digest], all, " ")
  for (place = 1; place <= last; place++) if ((found = named(all[place])) != "") return visited[digest] = found
  return ""
}
