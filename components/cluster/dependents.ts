import type * as pulumi from "@pulumi/pulumi";

const releases = new WeakMap<object, (done: PromiseLike<unknown>) => void>();

/**
 * For a component's `initialize`: what depends on the component waits until `release` lets it go on. By itself the SDK
 * only waits until its children are registered.
 */
export function heldBack(component: object): Promise<unknown> {
  return new Promise((resolve) => releases.set(component, resolve));
}

/** Lets those go on that depend on a component, when an output is there; if it fails, they fail by the same error. */
export function release(component: object, done: pulumi.Output<unknown>): void {
  // The SDK's own way from an output to a promise; its types don't show it.
  releases.get(component)?.((done as unknown as { promise(): Promise<unknown> }).promise());
}
