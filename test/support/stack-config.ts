import { readConfig, type StackConfig } from "../../config";

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/** A gateway of the list `gateways`. */
export const gateway = { address: "gw1.example.com", hostKey };
const right = {
  registryHost: "registry.example.com",
  uiHost: "ui.example.com",
  nodes: '["192.0.2.10"]',
  storageNode: "node-1",
  gateways: JSON.stringify([gateway]),
  sshPrivateKey: key,
  users: '[{"name":"ci","role":"push","password":"hunter2"}]',
  acmeTermsAgreed: "true",
};
/** What is made of the smallest config with other keys; a key that is undefined is left out. */
export const read = (
  more: Record<string, string | undefined> = {},
  encrypted = (_key: string): boolean => true,
): StackConfig => {
  const raw = Object.entries({ ...right, ...more }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return readConfig(Object.fromEntries(raw), "Pulumi.test.yaml", encrypted);
};
/** What is said of it, or "nothing". */
export const complaint = (more: Record<string, string | undefined>, encrypted?: (key: string) => boolean): string => {
  try {
    read(more, encrypted);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
};
