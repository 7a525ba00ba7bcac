import * as fs from "node:fs";
import * as path from "node:path";
import { makeRandomImage, pulledManifest } from "../../lab/start/random-image";
import { env, labVariable, onClient, run, succeeded, type Run } from "./lab";

/** Who logs in: "push" is LAB_USER, "pull" is LAB_PULL_USER. */
export type Role = "push" | "pull";

/** An image in a file, as an OCI client pushes it. */
export interface ImageFile {
  file: string;
  /** `sha256:...` of the manifest. */
  digest: string;
}

/** Makes an image of random layers, so that no layer of it can be in a registry already. */
export async function makeImage(name: string, layers: number, bytesPerLayer: number): Promise<ImageFile> {
  const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), `e2e-${name}-`));
  const crane = path.join(labVariable("LAB_DIR"), "bin", "crane");
  const file = await makeRandomImage({ crane, folder, name, layers, bytesPerLayer });
  return { file, digest: succeeded(await run("crane", ["digest", "--tarball", file])).stdout.trim() };
}

/**
 * Logs the client host's image tool in, as the lab's user of a role or as another, and returns the variables with which
 * it then works.
 */
export async function login(
  role: Role,
  { user, password }: { user: string; password: string } = credentials(role),
): Promise<Record<string, string>> {
  const config = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-docker-"));
  const variables = { ...env, DOCKER_CONFIG: config, SSL_CERT_FILE: labVariable("LAB_CA_FILE") };
  const args = ["auth", "login", labVariable("LAB_REGISTRY_HOST"), "-u", user, "--password-stdin"];
  succeeded(await onClient("crane", args, { env: variables, input: password }));
  return variables;
}

/** The lab's user and password of a role. */
export function credentials(role: Role): { user: string; password: string; auth: string } {
  const infix = role === "push" ? "" : "PULL_";
  const user = labVariable(`LAB_${infix}USER`);
  const password = labVariable(`LAB_${infix}PASSWORD`);
  return { user, password, auth: `${user}:${password}` };
}

/** The reference of a repository's tag in the lab's registry. */
export function reference(repository: string, tag = "1"): string {
  return `${labVariable("LAB_REGISTRY_HOST")}/${repository}:${tag}`;
}

/** Pushes an image from the client host through the gateway. */
export function push(image: ImageFile, target: string, variables: Record<string, string>): Promise<Run> {
  return onClient("crane", ["push", image.file, target], { env: variables });
}

/** Pulls an image to a file on the client host and returns the digest of what came. */
export async function pulledDigest(target: string, variables: Record<string, string>): Promise<string> {
  const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-pull-"));
  // The OCI layout keeps the manifest byte for byte, which a docker archive does not; every blob of it is checked on
  // its way.
  succeeded(await onClient("crane", ["pull", "--format", "oci", target, folder], { env: variables }));
  return pulledManifest(folder);
}
