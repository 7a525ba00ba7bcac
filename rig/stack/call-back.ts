import { splitChain } from "../../components/chain/chain";
import { acmeManagement, ask, caRoots } from "../../lab/ca";
import { labIn } from "../../lab/lab";
import { checkout, labVariable, run, succeeded } from "./lab";
import { outputs } from "./stack";

/** Lets the lab's CA call back the certificate of the stack, and the stack hear of it: the next `up` renews. */
export async function callBack(): Promise<void> {
  const [certificate] = splitChain(String((await outputs()).certificateChain));
  const { directoryCa } = caRoots(labIn(labVariable("LAB_DIR"), checkout));
  const ariResponse = JSON.stringify({
    suggestedWindow: { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" },
  });
  await ask(`${acmeManagement}/set-renewal-info/`, directoryCa, JSON.stringify({ certificate, ariResponse }));
  const chain = ["--target", "**AcmeChain::main-certificate"];
  succeeded(await run("pulumi", ["refresh", "--yes", "--skip-preview", "--stack", labVariable("LAB_STACK"), ...chain]));
}
