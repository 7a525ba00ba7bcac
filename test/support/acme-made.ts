import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A certificate with a CA of its own, made by openssl. */
export interface MadeCertificate {
  leafPem: string;
  caPem: string;
  keyPem: string;
}

/**
 * Makes a CA and a certificate of it for DNS names, valid from now on.
 * @param options.extension Another extension, as openssl's own configuration has it.
 */
export function makeCertificate(
  names: readonly string[],
  { days = 90, caDays = 3650, caSubject = "/CN=Test CA", extension = "" } = {},
): MadeCertificate {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "made-"));
  const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const read = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
  try {
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", caSubject, "-days", `${caDays}`);
    openssl("req", "-new", ...newKey, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/");
    fs.writeFileSync(
      path.join(folder, "names"),
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\n${extension}`,
    );
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", `${days}`, "-extfile", "names"];
    openssl("x509", "-req", "-in", "leaf.csr", ...signed, "-out", "leaf.pem");
    return { leafPem: read("leaf.pem"), caPem: read("ca.pem"), keyPem: read("leaf.key") };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
