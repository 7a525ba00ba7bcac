import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./environment";
import type { StoreSettings } from "./storage/object-store";

/** True for an image of version 2 of the registry, by its name, such as `registry:2.8`. Of others nothing is known. */
export function isVersion2(image: string): boolean {
  return /(^|\/)(registry|distribution):v?2(\.|-|@|$)/.test(image);
}

interface Judged {
  registry: {
    image: pulumi.Output<string>;
    secretEnvironment: pulumi.Output<Record<string, string>>;
    secretNames: pulumi.Output<string[]> | undefined;
  };
  storage: { store?: StoreSettings };
}

const NO_STORE: StoreSettings = { plain: pulumi.output<Settings>({}), secret: pulumi.output<Settings>({}) };

/** Says in every run what there is to know of version 2 of the registry. */
export function warnOfVersion2({ registry, storage }: Judged, parent: pulumi.Resource): void {
  const { plain, secret } = storage.store ?? NO_STORE;
  const own = registry.secretNames ?? pulumi.output([]);
  const known = pulumi.all([registry.image, plain, secret, registry.secretEnvironment, own]);
  pulumi.unsecret(known).apply(([image, store, ...keys]) => {
    const keyless = "REGISTRY_STORAGE_S3_BUCKET" in store && keys.every((each) => Object.keys(each).length === 0);
    for (const warning of version2Warnings(image, keyless)) void pulumi.log.warn(warning, parent);
  });
}

/** What there is to know of an image of version 2; `keyless` is true for a bucket of S3 without keys. */
export function version2Warnings(image: string, keyless: boolean): string[] {
  if (!isVersion2(image)) return [];
  const ended =
    `registry.image is ${image}: version 2 of the registry has reached the end of its life and gets no fixes. ` +
    "registry:3 serves the same images; docs/runbooks/moves.md has the way.";
  const identity =
    `registry.image is ${image}, and storage.s3 has no keys: version 2 knows only the role of the node (EC2), not the ` +
    "identity of a service account. Set storage.s3.accessKeyId and secretAccessKey, or registry.image to registry:3.";
  return [ended, ...(keyless ? [identity] : [])];
}
