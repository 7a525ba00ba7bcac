import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client } from "acme-client";
import { dependencies } from "../../package.json";

/**
 * The private parts of acme-client by which requests are signed (components/acme/client/session.ts), and what each
 * takes.
 */
const PARTS = { request: 2, getNonce: 0, getDirectory: 0, signedRequest: 2, createSignedBody: 1, getJwk: 0 };
/** SHA-256 of the file that has them, in the version that is pinned. */
const FILE = "93358bcde8ae34fcc8a4e092a6ea2470cb50e6a0d3db838c8e5a7ed197b2a91a";

describe("the private parts of acme-client", () => {
  it("are those of the one version that is taken", () => {
    assert.match(dependencies["acme-client"], /^\d+\.\d+\.\d+$/, "pin it: a patch release may break every renewal");
    const accountKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const pem = accountKey.export({ type: "pkcs8", format: "pem" }) as string;
    const client = new Client({ directoryUrl: "https://ca.example.com", accountKey: pem });
    const { http } = client as unknown as { http: Record<string, unknown> };
    for (const [name, count] of Object.entries(PARTS)) {
      const part = http[name];
      assert.ok(typeof part === "function", `${name} is gone`);
      assert.equal(part.length, count, `${name} takes other arguments`);
    }
  });

  it("are unchanged: read them again, and session.ts, before another version is taken", () => {
    const text = readFileSync(require.resolve("acme-client/src/http.js"));
    assert.equal(createHash("sha256").update(text).digest("hex"), FILE);
  });
});
