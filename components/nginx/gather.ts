import * as pulumi from "@pulumi/pulumi";

/** Each field by itself as an output. */
export type Outputs<T extends object> = { [K in keyof T]: pulumi.Output<T[K]> };

/** `pulumi.all` over the fields of an object, with types that stay as they are. */
export function gather<T extends object>(fields: Outputs<T>): pulumi.Output<T> {
  return pulumi.all(fields as Record<string, pulumi.Output<unknown>>) as unknown as pulumi.Output<T>;
}
