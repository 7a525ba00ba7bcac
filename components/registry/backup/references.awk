# Names what manifests refer to. For each file, the blob of a manifest: `<its digest> <kind> <digest>`, and at the end
# of one that is JSON `<its digest> read`. Kinds: manifest; config; blob; any, which is linked as either; foreign,
# which clients have from elsewhere and need not be there.
#
# Only the descriptors that must be there count: config, layers, manifests, blobs, and fsLayers of schema 1. A subject
# may be missing, and an annotation may look like anything.
#
# The files are cut at their quotes, so that records are by turns structure and text: a manifest may have 4 MB in a
# single line.
BEGIN { RS = "\"" }
FNR == 1 { finish(); start() }
inside { text_goes_on($0); next }
{ structure($0); inside = 1; text = "" }
END { finish() }

function start() {
  parent = digest_of(FILENAME)
  depth = 0
  inside = objects = 0
}

# The last record is structure too, so the text after it has begun and is empty.
function finish() {
  if (parent != "" && depth == 0 && objects > 0 && inside && text == "") print parent, "read"
  parent = ""
}

# A quote after an odd number of backslashes is part of the text.
function text_goes_on(more) {
  match(more, /\\*$/)
  if (length(text) < 4096) text = text more (RLENGTH % 2 ? "\"" : "") # no digest is longer
  if (RLENGTH % 2) return
  inside = 0
  if (kind[depth] == "{" && !after_colon[depth]) name = tolower(plain(text))
  else value(plain(text))
  text = ""
}

function structure(line, place, sign) {
  gsub(/[^][{}:,]/, "", line)
  for (place = 1; place <= length(line); place++) {
    sign = substr(line, place, 1)
    if (sign == "{" || sign == "[") open(sign)
    else if (sign == "}" || sign == "]") shut()
    else if (sign == ":") key[depth] = name
    after_colon[depth] = (sign == ":")
  }
}

function open(sign) {
  kind[++depth] = sign
  key[depth] = name = ""
  after_colon[depth] = 0
  if (sign == "{") objects++
  if (is_descriptor()) digest = type = urls = ""
}

function shut() {
  if (is_descriptor() && digest != "") print parent, kind_of(), digest
  depth--
}

function is_descriptor() {
  if (kind[depth] != "{" || kind[1] != "{") return 0
  if (depth == 2) return key[1] == "config"
  return depth == 3 && kind[2] == "[" && key[1] ~ /^(layers|manifests|blobs|fslayers)$/
}

function value(given) {
  if (kind[depth] == "[" && key[depth - 1] == "urls") {
    urls = given
    return
  }
  if (!is_descriptor()) return
  if (key[depth] == "digest" || key[depth] == "blobsum") digest = given
  if (key[depth] == "mediatype") type = given
}

# As the registry checks a push: version 2.1 linked manifests as layers, and BuildKit's caches are lists of layers.
function kind_of() {
  if (key[1] == "manifests") return type == "" || type ~ /manifest|index/ ? "manifest" : "any"
  if (type ~ /foreign|nondistributable/ && urls != "") return "foreign"
  if (type ~ /^application\/vnd\.(oci\.image|docker\.distribution)\.(manifest|index)/) return "any"
  return depth == 2 ? "config" : "blob"
}

# Text without its escapes. What is not ASCII stays as it is: no digest or type has it.
function plain(escaped, out, at, code) {
  if (index(escaped, "\\") == 0) return escaped
  while ((at = index(escaped, "\\")) > 0) {
    out = out substr(escaped, 1, at - 1)
    code = substr(escaped, at + 1, 1) == "u" ? hexadecimal(substr(escaped, at + 2, 4)) : 0
    if (code > 31 && code < 127) out = out sprintf("%c", code)
    else out = out substr(escaped, at + 1, 1)
    escaped = substr(escaped, at + (code > 0 ? 6 : 2))
  }
  return out escaped
}

function hexadecimal(digits, place, sum) {
  for (place = 1; place <= length(digits); place++)
    sum = sum * 16 + index("123456789abcdef", tolower(substr(digits, place, 1)))
  return sum
}
