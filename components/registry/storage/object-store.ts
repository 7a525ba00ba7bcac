import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../../checks/value";
import type { Settings } from "../environment";
import type { STORAGE } from "./args";

/** The registry's settings of an object store. */
export interface StoreSettings {
  /** Those that everybody may see. */
  plain: pulumi.Output<Settings>;
  /** Those that are secrets; empty if the cloud's identity is used. */
  secret: pulumi.Output<Settings>;
  /** The key file of Google's service account, to be mounted at `KEY_FILE_PATH`; undefined without one. */
  keyFile?: pulumi.Output<string>;
}

/** Where the registry finds Google's key file. */
export const KEY_FILE_PATH = "/storage-credentials";
/** Its name there. */
export const KEY_FILE = "gcs-key.json";

type Given = string | boolean | undefined;
type Stores = Checked<typeof STORAGE>;

/** The settings of the object store that the images are in; undefined if they are in none. */
export function storeSettings({ s3, gcs, azure }: Stores): StoreSettings | undefined {
  if (s3) return s3Variables(s3);
  if (gcs) return gcsVariables(gcs);
  return azure && azureVariables(azure);
}

/** Amazon's S3 and what speaks its language. */
function s3Variables(args: NonNullable<Stores["s3"]>): StoreSettings {
  return {
    plain: plainSettings("s3", {
      BUCKET: args.bucket,
      REGION: args.region,
      REGIONENDPOINT: args.endpoint,
      FORCEPATHSTYLE: args.endpoint && args.pathStyle,
      ROOTDIRECTORY: args.rootDirectory,
      ENCRYPT: args.encrypt,
      KEYID: args.encryptionKeyId,
    }),
    secret: secretSettings("s3", { ACCESSKEY: args.accessKeyId, SECRETKEY: args.secretAccessKey }),
  };
}

/** Google Cloud Storage. */
function gcsVariables({ bucket, rootDirectory, keyFileJson: keyFile }: NonNullable<Stores["gcs"]>): StoreSettings {
  const plain = plainSettings("gcs", {
    BUCKET: bucket,
    ROOTDIRECTORY: rootDirectory,
    KEYFILE: keyFile && `${KEY_FILE_PATH}/${KEY_FILE}`,
  });
  const none = pulumi.output<Settings>({});
  return { plain, secret: none, ...(keyFile ? { keyFile } : {}) };
}

/**
 * Azure Blob Storage. Version 2 of the registry only takes the account's key; version 3 also has to be told which kind
 * of credential it gets.
 */
function azureVariables(args: NonNullable<Stores["azure"]>): StoreSettings {
  const type = args.accountKey === undefined ? "default_credentials" : "shared_key";
  return {
    plain: plainSettings("azure", {
      ACCOUNTNAME: args.accountName,
      CONTAINER: args.container,
      REALM: args.realm,
    }).apply((all): Settings => ({ ...all, REGISTRY_STORAGE_AZURE_CREDENTIALS: { type } })),
    secret: secretSettings("azure", { ACCOUNTKEY: args.accountKey }),
  };
}

/** The driver's name first: it takes the place of the file system that the image is set up for. */
function plainSettings(driver: string, given: Record<string, pulumi.Input<Given>>): pulumi.Output<Settings> {
  return pulumi.output(given).apply((plain): Settings => ({
    REGISTRY_STORAGE: driver,
    REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR: "inmemory",
    ...named(driver, plain),
  }));
}

function secretSettings(
  driver: string,
  settings: Record<string, pulumi.Output<string> | undefined>,
): pulumi.Output<Settings> {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return pulumi.output<Settings>({});
  return pulumi.secret(pulumi.output(given).apply((plain) => named(driver, plain as Record<string, string>)));
}

function named(driver: string, settings: Record<string, Given>): Settings {
  const entries = Object.entries(settings).flatMap(([name, value]): [string, string | boolean][] =>
    value === undefined ? [] : [[`REGISTRY_STORAGE_${driver.toUpperCase()}_${name}`, value]],
  );
  return Object.fromEntries(entries);
}
