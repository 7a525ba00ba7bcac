import * as assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { Client } from "acme-client";
import { accountThumbprint } from "../../components/acme/thumbprint";

function pem(jwk: Record<string, string>): string {
  return createPublicKey({ key: jwk, format: "jwk" }).export({ format: "pem", type: "spki" }) as string;
}

describe("the thumbprint of an account key", () => {
  it("is that of RFC 7638's own example", () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM" +
      "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5" +
      "hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    assert.equal(accountThumbprint(pem({ kty: "RSA", n, e: "AQAB" })), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  for (const namedCurve of ["P-256", "P-384"]) {
    it(`is the one that acme-client answers challenges with, for ${namedCurve}`, async () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
      const accountKey = privateKey.export({ format: "pem", type: "sec1" }) as string;
      const client = new Client({ directoryUrl: "https://ca.example.test/dir", accountKey });
      const challenge = { type: "http-01", token: "token", url: "", status: "pending" } as const;
      const expected = await client.getChallengeKeyAuthorization(challenge);
      const thumbprint = accountThumbprint(publicKey.export({ format: "pem", type: "spki" }) as string);
      assert.equal(`token.${thumbprint}`, expected);
    });
  }

  it("is refused for a key that no ACME account can have", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    assert.throws(() => accountThumbprint(publicKey.export({ format: "pem", type: "spki" }) as string), /got OKP/);
  });
});
