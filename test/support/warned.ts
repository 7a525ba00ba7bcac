import * as pulumi from "@pulumi/pulumi";

/** What a program warned of, beside its result. */
export async function warned<T>(program: () => Promise<T>): Promise<{ result: T; said: string[] }> {
  const warn = pulumi.log.warn;
  const said: string[] = [];
  Object.assign(pulumi.log, { warn: (text: string) => (said.push(text), Promise.resolve()) });
  try {
    return { result: await program(), said };
  } finally {
    Object.assign(pulumi.log, { warn });
  }
}
