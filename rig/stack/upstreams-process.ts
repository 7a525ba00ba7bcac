import { FakeUpstream, type Fault, Login } from "../registry/fake-upstream";

/** What the process of the registries is told, and what it answers. */
export interface Told {
  id: number;
  name: string;
  start?: { login: Login; tls: { cert: string; key: string }; address: string };
  load?: { layout: string; repository: string; tag: string };
  fault?: Fault;
  open?: boolean;
  taken?: boolean;
}
export interface Answered {
  id: number;
  value?: unknown;
  error?: string;
}

const all = new Map<string, FakeUpstream>();

async function does({ name, start, load, fault, open, taken }: Told): Promise<unknown> {
  if (start) all.set(name, await FakeUpstream.start(start.login, start.tls, start.address, 443));
  const fake = all.get(name);
  if (!fake) throw new Error(`there is no ${name}`);
  if (fault !== undefined) fake.fault = fault;
  if (open === true) await fake.open();
  if (open === false) fake.close();
  if (load) return fake.load(load.layout, load.repository, load.tag);
  return taken ? fake.asked.splice(0) : undefined;
}

process.on("message", (told: Told) => {
  does(told).then(
    (value) => process.send?.({ id: told.id, value } satisfies Answered),
    (error: Error) => process.send?.({ id: told.id, error: error.message } satisfies Answered),
  );
});
process.on("disconnect", () => process.exit());
