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

/** What the image of `npm start` is made of. */
export const SIZE = { layers: LAYERS, mebibytes: LAYERS * LAYER_MIB };

/** A program with which `npm start` does what users do. */
export interface ImageClient {
  /** Its name and version. */
  readonly title: string;
  /** Logs in to the registry, with full verification of its certificate. Rejects if it is refused. */
  login(): Promise<void>;
  /** Pushes the image in a file (`makeImage`) through the gateway. */
  push(file: string): Promise<PushedImage>;
  /** Pulls the image back and compares what came with what was pushed. */
  pullAndCompare(image: PushedImage, say: Say): Promise<void>;
}

const folder = (lab: Lab, ...parts: string[]): string => path.join(lab.dir, "start", ...parts);

/** Removes the image's files. */
export function removeImage(lab: Lab): void {
  rmSync(folder(lab), { recursive: true, force: true });
}

/** Makes the image that is pushed, as a tar file. */
export async function makeImage(lab: Lab): Promise<string> {
  removeImage(lab);
  const crane = path.join(lab.bin, "crane");
  const bytesPerLayer = LAYER_MIB * 2 ** 20;
  return makeRandomImage({ crane, folder: folder(lab), name: REPOSITORY, layers: LAYERS, bytesPerLayer });
}

/** Crane on the client host, which works everywhere. */
export async function craneClient(lab: Lab): Promise<ImageClient> {
  const version = (await run([path.join(lab.bin, "crane"), "version"])).stdout.trim();
  return {
    title: `crane ${version}`,
    login: () => login(lab),
    push: (file) => push(lab, file),
    pullAndCompare: (image, say) => pullAndCompare(lab, image, say),
  };
}

async function login(lab: Lab): Promise<void> {
  const { pushPassword } = ensureSecrets(lab);
  await crane(lab, ["auth", "login", names.registry, "-u", lab.users.push, "--password-stdin"], pushPassword);
  await crane(lab, ["catalog", names.registry]); // crane itself only notes the password
}

async function push(lab: Lab, image: string): Promise<PushedImage> {
  const reference = `${names.registry}/${REPOSITORY}:1`;
  await crane(lab, ["push", image, reference]);
  const digest = (await run([path.join(lab.bin, "crane"), "digest", "--tarball", image])).stdout.trim();
  return { reference, digest, ...SIZE };
}

async function pullAndCompare(lab: Lab, image: PushedImage, say: Say): Promise<void> {
  const pulled = folder(lab, "pulled");
  // The OCI layout keeps the manifest byte for byte; each blob's digest is checked on its way in.
  await crane(lab, ["pull", "--format", "oci", image.reference, pulled]);
  const digest = pulledManifest(pulled);
  if (digest !== image.digest) throw new Error(`${image.digest} was pushed, and ${digest} came back`);
  say(digest);
  removeImage(lab);
}

/** Runs crane on the client host, with a docker config of the lab's own. */
function crane(lab: Lab, args: readonly string[], input = ""): Promise<Ran> {
  const env = { ...plainEnvironment, SSL_CERT_FILE: lab.caFile, DOCKER_CONFIG: lab.dockerConfig };
  return run([...clientPrefix, path.join(lab.bin, "crane"), ...args], { env, input });
}
