import { rmSync } from "node:fs";
import path from "node:path";
import { clientPrefix, plainEnvironment, Ran, run } from "../hosts";
import { Lab, names } from "../lab";
import { ensureSecrets } from "../secrets";
import { Say } from "../step";
import { makeRandomImage, pulledManifest } from "./random-image";

const LAYERS = 4;
const LAYER_MIB = 4;

/** The repository that `npm start` pushes to. */
export const REPOSITORY = "hello/world";

/** A pushed image. */
export interface PushedImage {
  readonly reference: string;
  readonly digest: string;
  readonly layers: number;
  readonly mebibytes: number;
}

const folder = (lab: Lab, ...parts: string[]): string => path.join(lab.dir, "start", ...parts);

/** Makes the image that is pushed, as a tar file. */
export async function makeImage(lab: Lab): Promise<string> {
  rmSync(folder(lab), { recursive: true, force: true });
  const crane = path.join(lab.bin, "crane");
  const bytesPerLayer = LAYER_MIB * 2 ** 20;
  return makeRandomImage({ crane, folder: folder(lab), name: REPOSITORY, layers: LAYERS, bytesPerLayer });
}

/**
 * Logs in to the registry from the client host, with full verification of its certificate. Rejects if it is refused.
 */
export async function login(lab: Lab): Promise<void> {
  const { pushPassword } = ensureSecrets(lab);
  await crane(lab, ["auth", "login", names.registry, "-u", lab.users.push, "--password-stdin"], pushPassword);
  await crane(lab, ["catalog", names.registry]); // crane itself only notes the password
}

/** Pushes the image through the gateway. */
export async function push(lab: Lab, image: string): Promise<PushedImage> {
  const reference = `${names.registry}/${REPOSITORY}:1`;
  await crane(lab, ["push", image, reference]);
  const digest = (await run([path.join(lab.bin, "crane"), "digest", "--tarball", image])).stdout.trim();
  return { reference, digest, layers: LAYERS, mebibytes: LAYERS * LAYER_MIB };
}

/** Pulls the image back and compares the digest of what came with that of what was pushed. */
export async function pullAndCompare(lab: Lab, image: PushedImage, say: Say): Promise<void> {
  const pulled = folder(lab, "pulled");
  // The OCI layout keeps the manifest byte for byte; each blob's digest is checked on its way in.
  await crane(lab, ["pull", "--format", "oci", image.reference, pulled]);
  const digest = pulledManifest(pulled);
  if (digest !== image.digest) throw new Error(`${image.digest} was pushed, and ${digest} came back`);
  say(digest);
  rmSync(folder(lab), { recursive: true, force: true });
}

/** Runs crane on the client host, with a docker config of the lab's own. */
function crane(lab: Lab, args: readonly string[], input = ""): Promise<Ran> {
  const env = { ...plainEnvironment, SSL_CERT_FILE: lab.caFile, DOCKER_CONFIG: lab.dockerConfig };
  return run([...clientPrefix, path.join(lab.bin, "crane"), ...args], { env, input });
}
