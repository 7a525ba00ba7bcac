#!/usr/bin/env bash
# usage: scripts/deployed-commit.sh <owner/repository> <environment>: prints the commit that was last applied there.
# Needs gh, GH_TOKEN with actions, contents and deployments to read, jq, and in CI a checkout with main's whole history.
#
# The daily run works on that commit with the environment's secrets, and nobody approves it. Whoever may push can make a
# deployment record of any commit and call it a success. So a record only says where to look: it counts if the run that
# it names is one of apply.yml on main, for the same commit, whose job of the environment's name ("Production / Apply"
# for production) has succeeded, and if the commit is one of main's own. What a later status says changes nothing:
# others can write it too.
set -euo pipefail
shopt -s inherit_errexit
repository=$1 environment=$2
workflow=.github/workflows/apply.yml
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
main=$(git rev-list --first-parent refs/remotes/origin/main 2>/dev/null || true)

api() { # <path> [--paginate]: the answer, or nothing if GitHub has no such thing. Any other failure ends the script.
  if gh api "repos/$repository/$1" "${@:2}" 2>"$errors"; then return; fi
  if grep -q 'HTTP 404' "$errors"; then return; fi
  cat "$errors" >&2
  echo "can't ask GitHub for repos/$repository/$1; try again later" >&2
  return 1
}

# A commit that this checkout does not have can't be checked out either; GitHub is asked for the message's sake.
why_not_main() { # <commit>
  if [ -n "$main" ] && git cat-file -e "$1^{commit}" 2>/dev/null; then
    grep -qx "$1" <<<"$main" || echo "the commit is none of main's own"
    return
  fi
  local status
  status=$(api "compare/$1...main" | jq -r '.status // empty')
  case $status in ahead | identical) ;; *) echo "the commit is not in main's history" ;; esac
}

why_not_run() { # <commit> <when the record was made> <run> <job or nothing>
  local run jobs
  run=$(api "actions/runs/$3")
  [ -n "$run" ] || { echo "GitHub has no run $3"; return; }
  jobs=$(api "actions/runs/$3/jobs?filter=all&per_page=100" --paginate)
  jq -rn --argjson run "$run" --slurpfile pages <(printf '%s' "$jobs") --arg repository "$repository" --arg id "$3" \
    --arg workflow "$workflow" --arg environment "$environment" --arg commit "$1" --arg made "$2" --arg job "$4" '
    def same($other): ascii_downcase == ($other | ascii_downcase);
    # A job of a called workflow is named after the call, too: "Production / Apply".
    [$pages[] | .jobs[]? | select((.name // "") | split(" / ")[0] // "" | same($environment))] as $all
    | [$all[] | select(.conclusion == "success" and ($job == "" or "\(.id)" == $job))][0] as $done
    | ($done.completed_at // $run.updated_at // $made) as $ended
    | $run
    | if ((.path // "") | split("@")[0]) != $workflow then "run \($id) is of \(.path), not of \($workflow)"
      elif (.event | IN("push", "workflow_dispatch") | not) then "run \($id) is for a \(.event)"
      elif .head_branch != "main" then "run \($id) is of the branch \(.head_branch)"
      elif ((.head_repository.full_name // $repository) | same($repository) | not)
        then "run \($id) is of the repository \(.head_repository.full_name)"
      elif .head_sha != $commit then "run \($id) is for the commit \(.head_sha)"
      elif $done == null and ($all != [] or .conclusion != "success")
        then "the job \($environment) of run \($id) has not succeeded"
      elif $made > $ended then "it was made after run \($id) had ended"
      else empty end'
}

why_not() { # <deployment> <commit> <when it was made>
  local reason found
  [[ $2 =~ ^[0-9a-f]{4,64}$ ]] || { echo "it names no commit"; return; }
  reason=$(why_not_main "$2")
  [ -z "$reason" ] || { echo "$reason"; return; }
  found=$(api "deployments/$1/statuses?per_page=100" --paginate | jq -r --arg at "/$repository/actions/runs/" '
    .[]? | select(.state == "success") | [.log_url, .target_url][] | strings
    | split($at) | select(length == 2) | .[1]
    | capture("^(?<run>[0-9]+)(/jobs?/(?<job>[0-9]+))?") | "\(.run) \(.job // "")"')
  [ -n "$found" ] || { echo "no run is named by a status of success"; return; }
  while read -r run job; do
    reason=$(why_not_run "$2" "$3" "$run" "$job")
    [ -n "$reason" ] || return 0
  done < <(sort -u <<<"$found")
  echo "$reason"
}

records=$(api "deployments?environment=$environment&per_page=100" --paginate | jq -rs --arg environment "$environment" '
  [.[][]? | select((.environment // $environment) == $environment)] | sort_by(.created_at // "", .id) | reverse[]
  | "\(.id) \(.sha) \(.created_at // "")"')
refused=
while read -r id commit made; do
  [ -n "$id" ] || continue
  reason=$(why_not "$id" "$commit" "$made")
  if [ -z "$reason" ]; then
    echo "$commit"
    exit 0
  fi
  refused+="  deployment $id of $commit: $reason"$'\n'
done <<<"$records"
echo "no deployment to $environment has succeeded yet that a run of $workflow on main has made; apply main once" >&2
[ -n "$refused" ] || refused="  there are none to $environment"
printf '%s' "$refused" >&2
exit 1
