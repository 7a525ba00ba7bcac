# Says what tags lack on the way to every byte: tag, link of the revision, manifest, manifests of a list, links and
# blobs of layers and configs. Reads four lists (`list`): the files of all blobs, `<digest> whole|broken`, the output
# of references.awk, and `<repository> <tag> <digest>`. Prints `<repository>:<tag> <digest of the tag> <kind> <digest>
# <what is wrong>`.
list == "blobs" { there[digest_of($0)] = 1; next }
list == "hashed" { state[$1] = $2; next }
list == "references" {
  if ($2 == "read") readable[$1] = 1
  else references[$1, ++count[$1]] = $2 " " $3
  next
}
{
  if ($3 == "-") say($1 ":" $2 " - tag - is missing, or its link is empty or cut short")
  else each($1 ":" $2 " " $3, examine($1, "manifest", $3))
}

function each(prefix, problems, lines, last, place) {
  last = split(problems, lines, "\n")
  for (place = 1; place <= last; place++) if (lines[place] != "") say(prefix " " lines[place])
}

function say(line) {
  if (!(line in said)) print line
  said[line] = 1
}

# The problems of what a repository has by a digest, a line each. A digest is examined once for each repository.
function examine(repository, kind, digest, found, target, parts, place) {
  if ((repository, kind, digest) in memory) return memory[repository, kind, digest]
  memory[repository, kind, digest] = ""
  target = linked(repository, kind, digest)
  found = wrong(target == "" ? digest : target)
  if (found == "" && target == "") found = "has no link in the repository"
  # What a cache has not it asks for, and what is foreign clients have from elsewhere; but what is there has to be
  # right.
  if ((cache || kind == "foreign") && (target == "" || found == "is missing")) return ""
  if (found == "" && kind == "manifest" && !(target in readable)) found = "is no manifest that can be read"
  if (found != "") found = (kind == "manifest" ? kind : "blob") " " digest " " found
  else if (kind == "manifest") {
    for (place = 1; place <= count[target]; place++) {
      split(references[target, place], parts, " ")
      found = joined(found, examine(repository, parts[1], parts[2]))
    }
  }
  memory[repository, kind, digest] = found
  return found
}

function joined(all, more) {
  return all == "" || more == "" ? all more : all "\n" more
}

function wrong(digest) {
  if (!(digest in there)) return "is missing"
  if (state[digest] == "broken") return "does not match its digest"
  return hashing && state[digest] == "" ? "can't be read" : ""
}

# The digest that a repository's link holds; nothing without a link, or with one that is empty, cut short or wrong.
function linked(repository, kind, digest, target) {
  if (kind == "manifest" || kind == "any") target = link(repository, "_manifests/revisions", digest)
  return target == "" ? link(repository, "_layers", digest) : target
}

function link(repository, folder, digest, path, target) {
  path = digest
  sub(/:/, "/", path)
  path = root "/repositories/" repository "/" folder "/" path "/link"
  target = content(path)
  return sound(path, target) ? target : ""
}
