import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../../checks/value";
import type { Variables } from "../environment";
import type { STORAGE } from "./args";

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
type Stores = Checked<typeof STORAGE>;

/** The variables of the object store that the images are in; undefined if they are in none. */
export function storeVariables({ s3, gcs, azure }: Stores): StoreVariables | undefined {
  if (s3) return s3Variables(s3);
  if (gcs) return gcsVariables(gcs);
  return azure && azureVariables(azure);
}

/** Amazon's S3 and what speaks its language. */
function s3Variables(args: NonNullable<Stores["s3"]>): StoreVariables {
  return {
    plain: variables("s3", {
      BUCKET: args.bucket,
      REGION: args.region,
      REGIONENDPOINT: args.endpoint,
      FORCEPATHSTYLE: args.endpoint && args.pathStyle,
      ROOTDIRECTORY: args.rootDirectory,
      ENCRYPT: args.encrypt,
      KEYID: args.encryptionKeyId,
    }),
    secret: secrets("s3", { ACCESSKEY: args.accessKeyId, SECRETKEY: args.secretAccessKey }),
  };
}

/** Google Cloud Storage. */
function gcsVariables({ bucket, rootDirectory, keyFileJson: keyFile }: NonNullable<Stores["gcs"]>): StoreVariables {
  const plain = variables("gcs", {
    BUCKET: bucket,
    ROOTDIRECTORY: rootDirectory,
    KEYFILE: keyFile && `${KEY_FILE_PATH}/${KEY_FILE}`,
  });
  const none = pulumi.output<Variables>({});
  return { plain, secret: none, ...(keyFile ? { keyFile } : {}) };
}

/**
 * Azure Blob Storage. Version 2 of the registry only takes the account's key; version 3 also has to be told which kind
 * of credential it gets.
 */
function azureVariables(args: NonNullable<Stores["azure"]>): StoreVariables {
  const type = args.accountKey === undefined ? "default_credentials" : "shared_key";
  return {
    plain: variables("azure", { ACCOUNTNAME: args.accountName, CONTAINER: args.container, REALM: args.realm }).apply(
      (all): Variables => ({ ...all, REGISTRY_STORAGE_AZURE_CREDENTIALS: `{type: ${type}}` }),
    ),
    secret: secrets("azure", { ACCOUNTKEY: args.accountKey }),
  };
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
  settings: Record<string, pulumi.Output<string> | undefined>,
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
