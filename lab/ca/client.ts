import { request } from "node:https";
import { network } from "../lab";

/** Asks something of the ACME server over HTTPS. Rejects unless the answer is a 200. */
export function ask(url: string, caPem: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const asked = request(url, { ca: caPem, method, agent: false, timeout: 5000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error(`${url} did not answer within 5 s`)));
    asked.on("error", reject);
    asked.end(body);
  });
}

/** The DNS server's management interface. */
const dnsManagement = `http://${network.addresses.ca}:8055`;

/** Tells the lab's DNS server something: ("add-a", { host: "a.lab.test.", addresses: ["10.231.0.4"] }). */
export async function tellDns(command: string, data: unknown): Promise<void> {
  const answer = await fetch(`${dnsManagement}/${command}`, { method: "POST", body: JSON.stringify(data) });
  if (!answer.ok) throw new Error(`the DNS server refused ${command}: ${answer.status} ${await answer.text()}`);
}
