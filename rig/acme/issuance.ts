import { create } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "./inputs";
import { startResponder } from "./responder";
import type { Pebble } from "./pebble";

/** Milliseconds of one issuance by a new account, with the responder running as the gateways do. */
export async function timeIssuance(pebble: Pebble, names: string[]): Promise<number> {
  const account = newAccountKey();
  const responder = await startResponder(pebble.httpPort, account.thumbprint);
  try {
    const inputs = await chainInputs(pebble, account, { names });
    const started = performance.now();
    await create(inputs, new TestRuntime());
    return performance.now() - started;
  } finally {
    await responder.stop();
  }
}
