import * as pulumi from "@pulumi/pulumi";

/** `pulumi.all` over the fields of an object, with types that stay as they are. */
export function gather<T extends object>(fields: { [K in keyof T]: pulumi.Output<T[K]> }): pulumi.Output<T> {
  return pulumi.all(fields as Record<string, pulumi.Output<unknown>>) as unknown as pulumi.Output<T>;
}
