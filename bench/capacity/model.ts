/** Seconds of CPU that one thing costs, and memory; measured by `npm run bench -- capacity --measure`. */
export interface Constants {
  /** Where and when. */
  measured: string;
  gateway: {
    /** A full TLS handshake, with an EC certificate. */
    handshake: number;
    /** A small request on a kept connection, with a remembered password. */
    request: number;
    /** A MiB on its way to a client. */
    pulledMiB: number;
    /** A password that is compared, bcrypt 10. */
    login: number;
  };
  registry: {
    /** A small request. */
    request: number;
    /** A MiB, from the disk's cache to the gateway, over TLS. */
    pulledMiB: number;
    /** MiB of memory at rest, and more of them for each layer that is being pulled. */
    atRestMiB: number;
    pullMiB: number;
  };
}

/** "N nodes pull an image of M layers and G GiB within T minutes", and what there is to do it with. */
export interface Question {
  nodes: number;
  /** How many of them pull at one time; all by default, as when something is rolled out. */
  atOnce?: number | undefined;
  layers: number;
  /** Size of the image as it is pulled: compressed. */
  gib: number;
  minutes: number;
  /** Users whose password the nodes have. */
  users: number;
  /** CPUs of one gateway, and of one replica of the registry (its limit). */
  gatewayCores: number;
  registryCores: number;
  /** MiB of memory of one replica of the registry (its limit). */
  registryMib: number;
  /** Network of one gateway, and of the node of one replica, in gigabits a second each way. */
  gatewayGbit: number;
  registryGbit: number;
  /** True if the registry sends its clients to the object store for blobs. */
  redirect: boolean;
}

/** What one gateway or replica is asked for, and what it can do in the time. */
export interface Load {
  what: "gateway CPU" | "gateway network" | "registry CPU" | "registry network" | "registry memory";
  /** Seconds of CPU, GiB that are carried, or MiB at one time. */
  wanted: number;
  one: number;
  unit: "s" | "GiB" | "MiB";
  /** How much of `one` may be used: beyond it, requests queue. */
  share: number;
}

/** The answer. */
export interface Plan {
  loads: Load[];
  gateways: number;
  replicas: number;
  /** What a single gateway and replica would run out of first. */
  first: Load;
  /** Seconds that it takes at the least with a single gateway and replica, used to the full. */
  seconds: number;
  /** GiB that go from the object store to the nodes directly. */
  fromStore: number;
}

/**
 * CPUs queue before they are busy all the time, and real pulls took up to 1.5 times the CPU (`--check`); a line queues
 * a little later.
 */
const BUSY = { cpu: 0.6, network: 0.8 };
/**
 * The limit of Go's runtime, which `RegistryPod` sets: near it the registry does nothing but collect, and beyond the
 * container's own it is killed.
 */
const GO_SHARE = 0.9;
/** Both docker and containerd load so many layers of an image at once. */
const LAYERS_AT_ONCE = 3;
/** How often the gateway compares a password that it remembers, in a minute. */
const COMPARISONS = 2;
const GBIT = 1e9 / 8 / 2 ** 30; // GiB a second

/** What pulling an image once takes: a 401, HEAD of the tag, index, manifest, config, and each layer. */
export const requestsOf = (layers: number): number => layers + 5;

/**
 * What is needed for it, and what breaks first. Pure arithmetic on what was measured; in particular disks are taken to
 * be fast enough.
 */
export function plan(question: Question, constants: Constants): Plan {
  const { nodes, layers, minutes, redirect } = question;
  const seconds = minutes * 60;
  const total = nodes * question.gib;
  const through = redirect ? 0 : total;
  const requests = nodes * requestsOf(layers);
  const { gateway, registry } = constants;
  const logins = question.users * COMPARISONS * Math.max(1, Math.ceil(minutes));
  const parallel = Math.min(layers, LAYERS_AT_ONCE);
  const gatewayCpu =
    nodes * parallel * gateway.handshake +
    requests * gateway.request +
    through * 1024 * gateway.pulledMiB +
    logins * gateway.login;
  const registryCpu = requests * registry.request + through * 1024 * registry.pulledMiB;
  const cpu = (what: Load["what"], wanted: number, cores: number): Load => ({
    ...{ what, wanted, one: cores * seconds, unit: "s", share: BUSY.cpu },
  });
  const network = (what: Load["what"], gbit: number): Load => ({
    ...{ what, wanted: through, one: gbit * GBIT * seconds, unit: "GiB", share: BUSY.network },
  });
  const pulls = redirect ? 0 : Math.min(nodes, question.atOnce ?? nodes) * parallel;
  const memory: Load = {
    ...{ what: "registry memory", wanted: pulls * registry.pullMiB, unit: "MiB", share: 1 },
    one: Math.max(0, question.registryMib * GO_SHARE - registry.atRestMiB),
  };
  const loads = [
    cpu("gateway CPU", gatewayCpu, question.gatewayCores),
    network("gateway network", question.gatewayGbit),
    cpu("registry CPU", registryCpu, question.registryCores),
    network("registry network", question.registryGbit),
    memory,
  ];
  const needed = ({ wanted, one, share }: Load): number => wanted / (one * share);
  const most = (kind: string): number =>
    Math.max(1, ...loads.filter(({ what }) => what.startsWith(kind)).map((load) => Math.ceil(needed(load))));
  const first = loads.reduce((worst, load) => (needed(load) > needed(worst) ? load : worst));
  const busy = loads.filter((load) => load !== memory); // which is no matter of time
  const least = Math.max(...busy.map(({ wanted, one }) => (wanted / one) * seconds));
  const fromStore = redirect ? total : 0;
  return { loads, gateways: most("gateway"), replicas: most("registry"), first, seconds: least, fromStore };
}
