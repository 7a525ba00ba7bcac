import { listed } from "../../config/settings";
import { chainPem, keyPem } from "./certificates";

/** A stack's config as its file has it: by key without the project's name. */
export type FileConfig = Record<string, unknown>;

/** A text that passes for a password, and for a key in base64. */
const TEXT = "cGxhY2Vob2xkZXJz";
const SSH_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${TEXT}\n-----END OPENSSH PRIVATE KEY-----\n`;

/** What stands for a secret whose form is checked, by the last word of its path. */
const BY_NAME: Record<string, string> = {
  sshPrivateKey: SSH_KEY,
  providedKey: keyPem,
  acmeAccountKey: keyPem,
  keyFileJson: JSON.stringify({ type: "service_account", client_email: "a@example.com", private_key: keyPem }),
  url: "https://placeholder.example.com/",
};

/**
 * The config with something else for everything that is secret, encrypted or not, also for what every stack has and the file lacks. A
 * certificate of the user's own is replaced too, since it has to fit its key. The terms of a CA count as agreed to.
 */
export function withoutSecrets(config: FileConfig): FileConfig {
  const replaced = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, replace(key, value)]));
  const users = Array.isArray(replaced["users"]) ? (replaced["users"] as FileConfig[]) : [];
  const names = [replaced["registryHost"], replaced["uiHost"]].filter((name) => typeof name === "string");
  return {
    ...replaced,
    sshPrivateKey: SSH_KEY,
    users: users.map((user) => ({ ...user, password: TEXT })),
    acmeTermsAgreed: true,
    ...("providedChain" in replaced ? { providedChain: chainPem(names), providedKey: keyPem } : {}),
  };
}

function replace(key: string, value: unknown): unknown {
  const setting = listed.find(([name]) => name === key)?.[1];
  if (setting?.secret && typeof value === "string") return placeholder(key);
  if (setting && isTable(value)) {
    const hidden = (name: string): boolean => setting.secret === true || setting.secretMembers?.includes(name) === true;
    const members = Object.entries(value).map(([name, member]) =>
      hidden(name) && typeof member === "string" ? [name, placeholder(name)] : [name, member],
    );
    return decrypted(key, Object.fromEntries(members));
  }
  return decrypted(key, value);
}

/** The value with something else for each encrypted part. */
function decrypted(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => decrypted(name, item));
  if (!isTable(value)) return value;
  if ("secure" in value) return placeholder(name);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decrypted(key, item)]));
}

function placeholder(name: string): string {
  return BY_NAME[name] ?? TEXT;
}

function isTable(value: unknown): value is FileConfig {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
