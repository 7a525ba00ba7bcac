import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Manifest, publishedManifest, refusals } from "../../generate/npm-package";
import manifest from "../../package.json";

const WORKFLOW = {
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "shop/registry",
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example.com/",
  RUNNER_ENVIRONMENT: "github-hosted",
};
const own = manifest as Manifest;

describe("what is published to npm", () => {
  const published = publishedManifest(own, WORKFLOW);

  it("names the repository that publishes it, its issues and its page; anywhere else it names none", () => {
    const { repository, homepage, bugs, author, keywords, license } = published;
    assert.deepEqual(repository, { type: "git", url: "git+https://github.com/shop/registry.git" });
    assert.deepEqual(
      [homepage, bugs],
      ["https://github.com/shop/registry#readme", { url: "https://github.com/shop/registry/issues" }],
    );
    assert.ok(author && license && (keywords as string[]).includes("docker-registry"));
    const here = publishedManifest(own, {});
    assert.deepEqual([here.repository, here["homepage"], here["bugs"]], [undefined, undefined, undefined]);
  });

  it("has no tools of a checkout, and all that a program needs", () => {
    assert.ok(Object.keys(manifest.devDependencies).length > 20);
    for (const name of ["devDependencies", "scripts", "overrides"]) assert.equal(published[name], undefined, name);
    for (const name of ["main", "types", "exports", "files", "engines", "dependencies", "peerDependencies"] as const) {
      assert.deepEqual(published[name], manifest[name], name);
    }
  });

  it("is what npm publish --provenance accepts, from the workflow as it is", () => {
    assert.deepEqual(refusals(published, WORKFLOW), []);
    const file = join(__dirname, "../../.github/workflows/release.yml");
    const { jobs } = parse(readFileSync(file, "utf8")) as {
      jobs: { npm: { "runs-on": string; permissions: Record<string, string>; steps: { run?: string }[] } };
    };
    assert.match(jobs.npm["runs-on"], /^ubuntu-/);
    assert.equal(jobs.npm.permissions["id-token"], "write");
    const runs = jobs.npm.steps.flatMap(({ run }) => run ?? []).slice(-2);
    assert.deepEqual(runs, [
      'npm run --silent stage -- --provenance "$RUNNER_TEMP/package"',
      'npm publish "$RUNNER_TEMP/package" --provenance --access public',
    ]);
  });

  it("is refused with every reason at once where npm would refuse it", () => {
    const reasons = (changes: Partial<Manifest>, env: Record<string, string | undefined> = {}): string =>
      refusals({ ...published, ...changes }, { ...WORKFLOW, ...env }).join("\n");
    assert.match(reasons({ private: true }), /says private/);
    assert.match(reasons({ name: "Private Registry" }), /npm takes no package of the name Private Registry/);
    assert.match(reasons({ license: "" }), /no license/);
    assert.match(reasons({ publishConfig: {} }), /no publishConfig\.access public/);
    const other = { type: "git", url: "git+https://github.com/other/registry.git" };
    assert.match(reasons({ repository: other }), /has the repository .*other.*, and .*shop\/registry\.git publishes/);
    assert.match(reasons({}, { ACTIONS_ID_TOKEN_REQUEST_URL: undefined }), /id-token: write/);
    assert.match(reasons({}, { RUNNER_ENVIRONMENT: "self-hosted" }), /runners of GitHub's own/);
    assert.match(reasons({ scripts: { postinstall: "x" } }), /runs postinstall when it is installed/);
    const here = refusals(own, {});
    assert.equal(
      here.filter((each) => /repository|GITHUB|devDependencies|id-token|publishConfig/.test(each)).length,
      5,
    );
  });
});
