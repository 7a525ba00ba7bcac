import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { nameOf } from "../hosts/host";
import type { PrivateRegistryArgs } from "./args";
import { caName, createCa, createCertificate, type InnerCertificate, together } from "./mutual-tls";

/** Certificates of the mirrors: what they show, and by what they know nodes. */
export interface MirrorCertificates {
  /** What the mirrors show the nodes. */
  server: InnerCertificate;
  /** CAs of the nodes' certificates, PEM, and their common names. */
  nodesCaPem: pulumi.Output<string>;
  nodesCaNames: string[];
  /** What each node shows, in the order of `nodeHosts`. */
  nodes: NodeCertificate[];
  /** What all nodes show that the stack does not write over SSH. */
  others: NodeCertificate;
}

/** A certificate of a node and its common name, by which the mirrors know it. */
export interface NodeCertificate extends Omit<InnerCertificate, "caPem"> {
  commonName: string;
}

/** No node has such a name. */
const OTHERS = "_others";

/*
 * CAs of their own: the one that the registry's pods trust would make each node a gateway. As between gateways and
 * registry, another generation is other keys for all of it: gateways change first, and trust the former CA of the
 * nodes; nodes trust the next CA of the mirrors beforehand.
 */

/** Makes them, of the generation that `backend` says. */
export function createMirrorCertificates(
  name: string,
  { backend, nodeHosts = [] }: PrivateRegistryArgs,
  host: pulumi.Input<string>,
  parent: pulumi.Resource,
): MirrorCertificates {
  const generation = Number(backend?.generation ?? "0");
  const serverCa = createCa(`${name}-mirror-ca`, "mirror CA", generation, parent);
  const nextCa = createCa(`${name}-mirror-ca`, "mirror CA", generation + 1, parent);
  const title = `nodes CA ${ownMark(name)}`;
  const nodesCa = createCa(`${name}-nodes-ca`, title, generation, parent);
  const former = generation === 0 ? [] : [createCa(`${name}-nodes-ca`, title, generation - 1, parent)];
  const holder = { commonName: "private-registry mirror", host };
  const node = (resource: string, commonName: string): NodeCertificate => ({
    commonName,
    ...createCertificate(resource, nodesCa, generation, { commonName }, parent),
  });
  return {
    server: {
      caPem: together([serverCa, nextCa]),
      ...createCertificate(`${name}-mirror`, serverCa, generation, holder, parent),
    },
    nodesCaPem: together([nodesCa, ...former]),
    nodesCaNames: [generation, ...(generation === 0 ? [] : [generation - 1])].map((each) => caName(title, each)),
    nodes: nodeHosts.map((each, index) => node(`${name}-node-${nameOf(each, index)}`, nameOf(each, index))),
    others: node(`${name}-other-nodes`, OTHERS),
  };
}

/** No other stack's CA has the same name: on a host of two of them, one's nodes are none of the other's. */
function ownMark(name: string): string {
  const whole = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
  return createHash("sha256").update(whole).digest("hex").slice(0, 16);
}
