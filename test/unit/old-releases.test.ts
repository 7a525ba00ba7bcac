import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NGINX_HOST } from "../../components/nginx/kind";
import { shellBlocks } from "../support/docs";

describe("the command of docs/gateway-hosts.md that takes old releases away", () => {
  const command =
    shellBlocks("docs/gateway-hosts.md").find((block) => block.startsWith("sudo bash -c 'for good in ")) ?? "";
  let folder: string;
  const releases = (site: string): string => join(folder, site, "releases");

  /** A site with three releases on the disk. */
  function site(name: string, live: string | undefined): void {
    for (const hash of ["aaa", "bbb", "ccc"]) {
      mkdirSync(join(releases(name), hash), { recursive: true });
      if (hash !== "ccc") writeFileSync(join(releases(name), hash, "site.conf"), "");
    }
    if (live !== undefined) symlinkSync(join(releases(name), live), join(folder, name, "last-good"));
  }

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "private-registry-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("leaves the live one of each site, and all of a site whose live one is not known", () => {
    site("main-gateway", "bbb");
    site("main-responder", "aaa");
    site("never-live", undefined);
    site("broken", "ccc");
    site("gone", "ddd");
    const here = command.replaceAll(NGINX_HOST.root, folder).replace(/^sudo /, "");
    assert.notEqual(here, command);
    execFileSync("bash", ["-c", here]);
    const left = Object.fromEntries(readdirSync(folder).map((name) => [name, readdirSync(releases(name))]));
    const all = ["aaa", "bbb", "ccc"];
    assert.deepEqual(left, {
      broken: all,
      gone: all,
      "main-gateway": ["bbb"],
      "main-responder": ["aaa"],
      "never-live": all,
    });
    assert.ok(existsSync(join(folder, "main-gateway/last-good/site.conf")));
  });
});
