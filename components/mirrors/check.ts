import type { Checker } from "../checks/checker";
import { isGiven, isTable } from "../checks/judge";
import { bothOrNeither, givenOf } from "../checks/relations";
import { resourceProblems } from "../registry/resources";
import { isVersion2 } from "../registry/versions";
import { MIRRORS } from "./args";
import { registryOf, slugOf } from "./upstream";

type Table = Record<string, unknown>;

/** What concerns more than one setting of the mirrors, and the registry of which they are a part. */
export function checkMirrors(
  checker: Checker,
  args: { mirrors?: unknown; registryHost?: unknown; ui?: unknown },
): void {
  const { mirrors } = args;
  if (!isTable(mirrors) || !isGiven(mirrors)) return;
  const upstreams = Array.isArray(mirrors["upstreams"]) ? (mirrors["upstreams"] as unknown[]) : [];
  const tables = upstreams.map((each) => (isTable(each) ? each : {}));
  checkHost(checker, mirrors, args);
  checkImage(checker, mirrors["image"]);
  checker.add(...resourceProblems("mirrors.resources", mirrors["resources"], undefined));
  tables.forEach((upstream, index) => {
    checkUpstream(checker, upstream, `mirrors.upstreams[${index}]`);
    checkName(checker, tables, index, args.registryHost);
  });
}

/** A name of its own: what an image is called by is never the mirrors'. */
function checkHost(checker: Checker, { host }: Table, { registryHost, ui }: { registryHost?: unknown; ui?: unknown }) {
  const taken = { registryHost, "ui.host": isTable(ui) ? ui["host"] : undefined };
  for (const [other, name] of Object.entries(taken)) {
    if (typeof host !== "string" || host !== name) continue;
    const advice = "give the mirrors a name of their own that resolves to the gateways, too";
    checker.add({
      property: "mirrors.host",
      expected: `a name other than ${other}`,
      got: JSON.stringify(host),
      advice,
    });
  }
}

/** Version 2 asks at its start, and ends if its registry is away. */
function checkImage(checker: Checker, image: unknown): void {
  if (typeof image !== "string" || !isVersion2(image)) return;
  const advice = "use registry:3: version 2 does not start while the registry that it mirrors is away";
  checker.add({ property: "mirrors.image", expected: "version 3 of the registry", got: JSON.stringify(image), advice });
}

function checkUpstream(checker: Checker, upstream: Table, at: string): void {
  checker.add(bothOrNeither(at, upstream, ["username", "password"]));
  if (isGiven(upstream["password"]) && !isGiven(upstream["repositories"])) {
    const advice =
      "name the repositories that the nodes may read by this login: every pod of the cluster can then run them, " +
      "whatever its own secrets are";
    const expected = "patterns of repositories beside a password";
    checker.add({ property: `${at}.repositories`, expected, got: "nothing", advice });
  }
  const { storage } = upstream;
  if (!isTable(storage) || !isGiven(storage)) return;
  const chosen = givenOf(storage, ["hostPath", "claim"]);
  if (chosen.length !== 1) {
    const advice = "give a claim with its sizeGiB, or a hostPath with its nodeName";
    const got = chosen.join(" and ") || "nothing";
    checker.add({ property: `${at}.storage`, expected: "with one of hostPath, claim", got, advice });
  }
  const { hostPath } = storage as { hostPath?: unknown };
  if (isTable(hostPath) && givenOf(hostPath, ["nodeName", "nodeLabels"]).length === 0) {
    const advice = "give the node's name as in `kubectl get nodes`";
    const expected = "the node that keeps what is fetched";
    checker.add({ property: `${at}.storage.hostPath.nodeName`, expected, got: "nothing", advice });
  }
}

function checkName(checker: Checker, upstreams: Table[], index: number, registryHost: unknown): void {
  const name = upstreams[index]?.["name"];
  if (typeof name !== "string") return;
  const property = `mirrors.upstreams[${index}].name`;
  const got = JSON.stringify(name);
  if (name === registryHost) {
    const advice = "leave it out: the gateways hand out the registry's own images, and nginx.blobCache keeps them";
    checker.add({ property, expected: "a registry other than the stack's own", got, advice });
  }
  const same = upstreams.findIndex(({ name: other }) => typeof other === "string" && slugOf(other) === slugOf(name));
  if (same < index) {
    const advice = "leave out one of the two: their resources would have the same names";
    checker.add({ property, expected: `a name other than that of mirrors.upstreams[${same}]`, got, advice });
  }
}

/** An image of the stack's own, and the setting that names it. */
export interface OwnImage {
  setting: string;
  image: unknown;
}

/**
 * Without a way round the mirrors, the mirrors' own image could not be pulled before they run, and the registry's, by
 * whose gateways they are asked, neither.
 */
export function checkFallback(checker: Checker, mirrors: unknown, images: readonly OwnImage[]): void {
  if (!isTable(mirrors) || mirrors["fallback"] !== false || !Array.isArray(mirrors["upstreams"])) return;
  const names = (mirrors["upstreams"] as unknown[]).map((each) => (isTable(each) ? each["name"] : undefined));
  const own = [{ setting: "mirrors.image", image: mirrors["image"] ?? MIRRORS.image.default }, ...images];
  const caught = own.filter(({ image }) => typeof image === "string" && names.includes(registryOf(image)));
  if (caught.length === 0) return;
  const which = caught.map(({ setting, image }) => `${setting} (${String(image)})`).join(", ");
  checker.add({
    property: "mirrors.fallback",
    expected: "true, since images of the stack itself come from a registry that is mirrored",
    got: "false",
    advice: `leave it out, or take these from elsewhere: ${which}; a new cluster could not start them`,
  });
}
