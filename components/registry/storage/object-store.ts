import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { text } from "../../checks/rules";
import type { Variables } from "../environment";
import type { AzureStorageArgs, GcsStorageArgs, S3StorageArgs } from "./args";

/** The variables of an object store, by name. */
export interface StoreVariables {
  /** Those that everybody may see. */
  plain: pulumi.Output<Record<string, string>>;
  /** Those that are secrets; empty if the cloud's identity is used. */
  secret: pulumi.Output<Record<string, string>>;
  /** The key file of Google's service account, to be mounted at `KEY_FILE_PATH`; undefined without one. */
  keyFile?: pulumi.Output<string>;
}

/** Where the registry finds Google's key file. */
export const KEY_FILE_PATH = "/storage-credentials";
/** Its name there. */
export const KEY_FILE = "gcs-key.json";

type Setting = string | boolean | undefined;

/** Amazon's S3 and what speaks its language. */
export function s3Storage(checker: Checker, args: S3StorageArgs): StoreVariables {
  together(checker, "storage.s3", { accessKeyId: args.accessKeyId, secretAccessKey: args.secretAccessKey });
  const check = checks(checker, "storage.s3");
  return {
    plain: variables("s3", {
      BUCKET: check("bucket", args.bucket, "give the name of the bucket"),
      REGION: check("region", args.region ?? "us-east-1", "leave it out to use us-east-1"),
      REGIONENDPOINT: args.endpoint && check("endpoint", args.endpoint, "leave it out for Amazon's"),
      FORCEPATHSTYLE: args.endpoint === undefined ? undefined : (args.pathStyle ?? true),
      ROOTDIRECTORY: args.rootDirectory && check("rootDirectory", args.rootDirectory, "leave it out for the root"),
      ENCRYPT: args.encrypt,
      KEYID: args.encryptionKeyId && check("encryptionKeyId", args.encryptionKeyId, "leave it out for the store's own"),
    }),
    secret: secrets("s3", { ACCESSKEY: args.accessKeyId, SECRETKEY: args.secretAccessKey }),
  };
}

/** Google Cloud Storage. */
export function gcsStorage(checker: Checker, args: GcsStorageArgs): StoreVariables {
  const check = checks(checker, "storage.gcs");
  const plain = variables("gcs", {
    BUCKET: check("bucket", args.bucket, "give the name of the bucket"),
    ROOTDIRECTORY: args.rootDirectory && check("rootDirectory", args.rootDirectory, "leave it out for the root"),
    KEYFILE: args.keyFileJson === undefined ? undefined : `${KEY_FILE_PATH}/${KEY_FILE}`,
  });
  const none = pulumi.output<Variables>({});
  return args.keyFileJson === undefined
    ? { plain, secret: none }
    : { plain, secret: none, keyFile: pulumi.secret(args.keyFileJson) };
}

/** Azure Blob Storage. Version 2 of the registry takes the account's key alone; version 3 also has to be told which kind of credential it gets. */
export function azureStorage(checker: Checker, args: AzureStorageArgs): StoreVariables {
  const check = checks(checker, "storage.azure");
  const type = args.accountKey === undefined ? "default_credentials" : "shared_key";
  return {
    plain: variables("azure", {
      ACCOUNTNAME: check("accountName", args.accountName, "give the name of the storage account"),
      CONTAINER: check("container", args.container, "give the name of the container"),
      REALM: args.realm && check("realm", args.realm, "leave it out to use core.windows.net"),
    }).apply((all): Variables => ({ ...all, REGISTRY_STORAGE_AZURE_CREDENTIALS: `{type: ${type}}` })),
    secret: secrets("azure", { ACCOUNTKEY: args.accountKey }),
  };
}

function checks(checker: Checker, path: string) {
  return (property: string, value: pulumi.Input<string>, advice: string): pulumi.Output<string> =>
    checker.check(`${path}.${property}`, value, text(1024, advice));
}

/** Of a pair, both or neither. */
function together(checker: Checker, path: string, pair: Record<string, pulumi.Input<string> | undefined>): void {
  const missing = Object.entries(pair).filter(([, value]) => value === undefined);
  const [first] = missing;
  if (!first || missing.length === Object.keys(pair).length) return;
  const expected = `given, since ${Object.keys(pair)
    .filter((name) => name !== first[0])
    .join(" and ")} is`;
  checker.add({ property: `${path}.${first[0]}`, expected, got: "nothing", advice: "give both or neither" });
}

/** The driver's name first: it takes the place of the file system that the image is set up for. */
function variables(
  driver: string,
  settings: Record<string, pulumi.Input<Setting>>,
): pulumi.Output<Record<string, string>> {
  return pulumi.output(settings).apply((plain): Variables => ({
    REGISTRY_STORAGE: driver,
    REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR: "inmemory",
    ...named(driver, plain),
  }));
}

function secrets(
  driver: string,
  settings: Record<string, pulumi.Input<string> | undefined>,
): pulumi.Output<Record<string, string>> {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return pulumi.output<Variables>({});
  return pulumi.secret(pulumi.output(given).apply((plain) => named(driver, plain as Variables)));
}

/** The registry reads each variable as YAML: in quotes, a key such as 0123e5 stays a text. */
function named(driver: string, settings: Record<string, Setting>): Record<string, string> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [`REGISTRY_STORAGE_${driver.toUpperCase()}_${name}`, JSON.stringify(value)]),
  );
}
