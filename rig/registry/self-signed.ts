import * as fs from "node:fs";
import { execa } from "execa";

/** A certificate of localhost that is its own CA: `domain.crt`, `domain.key` and `ca.crt` in a folder. */
export async function selfSigned(folder: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const out = [...key, "-keyout", `${folder}/domain.key`, "-out", `${folder}/domain.crt`];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:registry.test", "-days", "2"];
  await execa("openssl", ["req", "-x509", ...out, ...name]);
  fs.copyFileSync(`${folder}/domain.crt`, `${folder}/ca.crt`);
}
