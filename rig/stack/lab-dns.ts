import * as fs from "node:fs";
import * as path from "node:path";
import { type Daemon, startDaemon, stopDaemon, waitForDaemon } from "../../lab/hosts";
import { labIn, network } from "../../lab/lab";
import { ensureDebianPackages } from "../../lab/programs/debian";
import { servesZone, writeNamedFiles } from "../acme/dns-named";
import { checkout, labUp, labVariable } from "./lab";

/**
 * Puts BIND in the place of the lab's own name server, so that the ACME server resolves through it: the zone lab.test
 * with all its names at the gateway, open to dynamic updates by a key. Hands back the server's address, and how to undo
 * it.
 */
export async function bindInLab(
  keyName: string,
  secret: string,
): Promise<{ server: string; undo: () => Promise<void> }> {
  await ensureDebianPackages(["bind9"], () => undefined);
  const lab = labIn(labVariable("LAB_DIR"), checkout);
  const { ca: server, gateway } = network.addresses;
  const folder = fs.mkdtempSync(path.join(lab.dir, "ca", "named-"));
  const zones = [{ name: "lab.test", address: gateway, updatedBy: [keyName] }];
  const file = writeNamedFiles(folder, { address: server, port: 53 }, zones, { [keyName]: secret });
  const named: Daemon = { name: "named", command: ["/usr/sbin/named", "-g", "-n", "1", "-c", file] };
  const undo = async (): Promise<void> => {
    await stopDaemon(lab, "ca", named.name);
    fs.rmSync(folder, { recursive: true });
    await labUp();
  };
  try {
    await stopDaemon(lab, "ca", "dns");
    await startDaemon(lab, "ca", named);
    await waitForDaemon(lab, "ca", named, () => servesZone({ host: server, port: 53 }, "lab.test"));
  } catch (error) {
    await undo();
    throw error;
  }
  return { server, undo };
}
