import { X509Certificate } from "node:crypto";
import { accountByKey } from "./account";
import { Session } from "./session";
import { AcmeError } from "./problem";
import * as shapes from "./read-resources";

/**
 * Revokes a certificate by the account that it was issued to (RFC 8555 section 7.6); one that is revoked already is
 * fine.
 */
export async function revoke(session: Session, leafPem: string, reason: number): Promise<void> {
  if (!(await accountByKey(session))) {
    throw new AcmeError("revoking it: the account that it was issued to is no longer known to the CA");
  }
  const { revokeCert } = await session.directory();
  const certificate = new X509Certificate(leafPem).raw.toString("base64url");
  try {
    await session.post({
      doing: "revoking it",
      url: revokeCert,
      payload: { certificate, reason },
      as: shapes.anything,
    });
  } catch (error) {
    if (!(error instanceof AcmeError) || error.kind !== "alreadyRevoked") throw error;
  }
}
