# When images were built: for each file, the blob of a config, `<its digest> <time>` as it is written there. The files
# are cut at their quotes, so that a name and its value are records with a colon between them; the steps of a build,
# whose times a config has as well, are not later.
BEGIN { RS = "\"" }
FNR == 1 { name = colon = "" }
name == "created" && colon ~ /^[ \t\r\n]*:[ \t\r\n]*$/ && /^[0-9][-0-9Tt:.Z+ ]*$/ { print digest_of(FILENAME), $1 }
{
  name = colon
  colon = $0
}
