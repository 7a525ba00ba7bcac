let served = false;

/**
 * Called once by the package's plugin (provider/): the engine then comes to it for what a Node program has as dynamic
 * resources.
 */
export function serve(): void {
  served = true;
}

/** True in the package's plugin, false in a Node program. */
export function isServed(): boolean {
  return served;
}
