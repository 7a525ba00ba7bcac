import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../hosts";

/** Files of the lab's own CA, which signs the certificate of the ACME directory, as public CAs do for a public one. */
export interface DirectoryFiles {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes the CA and the directory's certificate for an address, unless a complete set is there. */
export async function ensureDirectoryCertificate(folder: string, address: string): Promise<DirectoryFiles> {
  const within = (name: string): string => path.join(folder, name);
  const files = { caCertificate: within("ca.pem"), certificate: within("server.pem"), key: within("server.key") };
  if (existsSync(files.certificate)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const ca = ["-keyout", within("ca.key"), "-out", files.caCertificate, "-subj", "/CN=private-registry lab CA"];
  await run(["openssl", "req", "-x509", ...curve, ...ca, "-days", "365", "-addext", "keyUsage=critical,keyCertSign"]);
  const request = ["-keyout", files.key, "-out", within("server.csr"), "-subj", "/CN=ca.lab.test"];
  await run(["openssl", "req", "-new", ...curve, ...request]);
  writeFileSync(within("server.ext"), `subjectAltName=IP:${address},DNS:ca.lab.test\nextendedKeyUsage=serverAuth\n`);
  const signer = ["-CA", files.caCertificate, "-CAkey", within("ca.key"), "-CAcreateserial", "-days", "365"];
  const sign = ["-in", within("server.csr"), "-out", `${files.certificate}.new`, "-extfile", within("server.ext")];
  await run(["openssl", "x509", "-req", ...signer, ...sign]);
  await run(["mv", `${files.certificate}.new`, files.certificate]);
  return files;
}
