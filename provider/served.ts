import { type ChainInputs, type ChainState, SECRETS } from "../components/acme/data";
import * as chains from "../components/acme/lifecycle";
import * as nodes from "../components/nodes/release-life";

/**
 * The life of one kind of resource: the same functions that a dynamic one has in a Node program. All values are plain.
 */
export interface Served {
  /** Outputs that are secret whatever the inputs are. */
  secrets: readonly string[];
  diff(id: string, olds: unknown, news: unknown): { changes: boolean; replaces: string[] };
  create(inputs: unknown): Promise<{ id: string; outs: object }>;
  read(id: string, state: unknown): Promise<{ id: string; props: object }>;
  update(id: string, olds: unknown, news: unknown): Promise<{ outs: object }>;
  remove(id: string, state: unknown): Promise<void>;
}

/** By the name in the type token. */
export const served: Record<string, Served> = {
  AcmeChain: {
    secrets: SECRETS,
    diff: (id, olds, news) => chains.diff(id, olds as ChainState, news as ChainInputs),
    create: (inputs) => chains.create(inputs as ChainInputs),
    read: (id, state) => chains.read(id, state as ChainState),
    update: (id, olds, news) => chains.update(id, olds as ChainState, news as ChainInputs),
    remove: (id, state) => chains.remove(id, state as ChainState),
  },
  NodeRelease: {
    secrets: nodes.SECRETS,
    diff: (id, olds, news) => nodes.diff(id, olds as nodes.NodeReleaseState, news as nodes.NodeReleaseInputs),
    create: (inputs) => nodes.create(inputs as nodes.NodeReleaseInputs),
    read: (id, state) => nodes.read(id, state as nodes.NodeReleaseState),
    update: (id, olds, news) => nodes.update(id, olds as nodes.NodeReleaseState, news as nodes.NodeReleaseInputs),
    remove: (id, state) => nodes.remove(id, state as nodes.NodeReleaseState),
  },
};
