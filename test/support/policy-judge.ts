import assert from "node:assert/strict";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { policies } from "../../policy/policies";

export const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A resource as the engine shows it to a policy: what is secret is shown without its mark. */
export interface Seen {
  type: string;
  props: Record<string, unknown>;
  urn?: string;
  protect?: boolean;
}

/** What a rule says of a resource. */
export async function judge(rule: string, { type, props, urn = "", protect = false }: Seen): Promise<string[]> {
  const policy = policies.find(({ name }) => name === rule);
  const said: string[] = [];
  const validate = policy?.validateResource;
  assert.ok(typeof validate === "function", `there is a rule ${rule}`);
  const opts = { protect, ignoreChanges: [], aliases: [], customTimeouts: {}, additionalSecretOutputs: [] };
  await validate({ type, props, urn, opts } as unknown as ResourceValidationArgs, (message) => void said.push(message));
  return said;
}

/** A Deployment with this pod. */
export const pod = (spec: object, metadata: object = {}): Seen => ({
  type: "kubernetes:apps/v1:Deployment",
  props: { spec: { template: { metadata, spec } } },
});

/** A command on a host whose key is pinned. */
export const command = (props: object): Seen => ({
  type: "command:remote:Command",
  props: { connection: { host: "gw", hostKey: HOST_KEY }, ...props },
});
