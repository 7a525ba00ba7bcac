import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Lab } from "./lab";

/** The random values of one lab. */
export interface LabSecrets {
  /** Password of the user who may push. */
  readonly pushPassword: string;
  /** Password of the user who may only pull. */
  readonly pullPassword: string;
  /** What the stack's secrets are encrypted with. */
  readonly passphrase: string;
}

const random = (): string => randomBytes(18).toString("base64url");

/** Writes a file that only root can read, under its name at once or not at all. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The lab's random values; made at the first call and kept until `down`. */
export function ensureSecrets(lab: Lab): LabSecrets {
  if (!existsSync(lab.secretsFile)) {
    const made: LabSecrets = { pushPassword: random(), pullPassword: random(), passphrase: random() };
    writePrivate(lab.secretsFile, JSON.stringify(made));
  }
  const secrets = JSON.parse(readFileSync(lab.secretsFile, "utf8")) as LabSecrets;
  if (!existsSync(lab.pulumi.passphraseFile)) writePrivate(lab.pulumi.passphraseFile, `${secrets.passphrase}\n`);
  return secrets;
}
