/*
 * The SDK takes a thousand stack traces, of errors without a message, which nobody reads: ts-node need not map them to
 * TypeScript. Imported for its effect.
 */
const mapped = Error.prepareStackTrace?.bind(Error);
Error.prepareStackTrace = (error, frames) =>
  error.message && mapped ? (mapped(error, frames) as string) : [error, ...frames].map(String).join("\n    at ");
