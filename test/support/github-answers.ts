const APPLY = ".github/workflows/apply.yml";

/** A deployment record with its statuses and the run that it names, as GitHub's API shows them. */
export interface Deployment {
  sha: string;
  environment?: string;
  created?: string;
  /** Newest first. */
  states?: string[];
  /** The run that the statuses name, where it is not the deployment's own. */
  names?: string;
  /** The members of the run that are not those of a run that succeeded; null for no run at all. */
  run?: Record<string, unknown> | null;
  jobs?: { id?: number; name: string; conclusion: string | null; completed_at?: string | null }[];
}

/** What GitHub's API answers about deployments of the repository a/b, the newest first, by path. */
export function githubAnswers(deployments: readonly Deployment[]): Record<string, unknown> {
  const all = deployments.map((each, index) => ({ id: deployments.length - index, ...each }));
  const made = ({ id, created }: { id: number; created?: string }): string =>
    created ?? `2027-01-01T${String(id % 24).padStart(2, "0")}:00:00Z`;
  const record = (each: Deployment & { id: number }) => {
    const { id, sha, environment: where = "production" } = each;
    return { id, sha, environment: where, created_at: made(each), creator: { login: "somebody" } };
  };
  const answers: Record<string, unknown> = { "repos/a/b/deployments": all.map(record) };
  for (const each of all) {
    const { id, sha, states = ["success", "in_progress"], run, jobs } = each;
    const log_url = each.names ?? `https://github.com/a/b/actions/runs/${id}00/job/${id}01`;
    answers[`repos/a/b/deployments/${id}/statuses`] = states.map((state) => ({ state, log_url }));
    if (run === null) continue;
    const usual = { path: APPLY, event: "push", head_branch: "main", head_sha: sha, conclusion: "success" };
    const updated_at = "2027-01-02T00:00:00Z";
    answers[`repos/a/b/actions/runs/${id}00`] = {
      ...usual,
      head_repository: { full_name: "a/b" },
      updated_at,
      ...run,
    };
    answers[`repos/a/b/actions/runs/${id}00/jobs`] = {
      jobs: jobs ?? [
        { id: id * 100 + 2, name: "Test / Apply", conclusion: "success", completed_at: updated_at },
        { id: id * 100 + 1, name: "Production / Apply", conclusion: "success", completed_at: updated_at },
      ],
    };
  }
  return answers;
}
