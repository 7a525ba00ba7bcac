import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa, type ResultPromise } from "execa";
import { ensurePython } from "../../lab/programs/python";
import { accepts, freePorts } from "./process";

/** A server that speaks S3, with one bucket: moto. */
export interface S3Server {
  url: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Names of all objects in the bucket. */
  objects(): Promise<string[]>;
  stop(): Promise<void>;
}

/** What is asked before a server that checks signatures begins to: the five calls of `SETUP`. */
const SETUP_CALLS = 5;
const SETUP = `
import boto3, json, sys
url, bucket = sys.argv[1:]
open_to_all = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup")
boto3.client("s3", **open_to_all).create_bucket(Bucket=bucket)
iam = boto3.client("iam", **open_to_all)
iam.create_user(UserName="registry")
statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
iam.put_user_policy(UserName="registry", PolicyName="all", PolicyDocument=policy)
key = iam.create_access_key(UserName="registry")["AccessKey"]
iam.get_user(UserName="registry")
print(json.dumps({"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}))
`;
const LIST = `
import boto3, json, os, sys
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=sys.argv[2])
print(json.dumps([each["Key"] for page in pages for each in page.get("Contents", [])]))
`;

/**
 * Starts one on a free port.
 * @param checking True if it checks who asks. Its check knows too little of signatures for uploads, so by default it
 * lets everybody in.
 * @param address Where it listens. Default: loopback.
 */
export async function startS3Server(checking = false, address = "127.0.0.1"): Promise<S3Server> {
  const python = await ensurePython("moto", () => undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "s3-"));
  const [port = 0] = await freePorts(1);
  const url = `http://${address}:${port}`;
  const bucket = "images";
  const env = { HOME: folder, ...(checking ? { INITIAL_NO_AUTH_ACTION_COUNT: String(SETUP_CALLS) } : {}) };
  const args = ["-m", "moto.server", "-H", address, "-p", String(port)];
  const options = { env, all: true, reject: false, buffer: false } as const;
  const server = execa(python, args, options) as unknown as ResultPromise;
  server.all?.resume();
  for (let tries = 0; !(await accepts(port, address)); tries++) {
    if (tries === 200) throw new Error("the S3 server does not listen");
    await wait(100);
  }
  const ask = async (script: string, more: Record<string, string>): Promise<unknown> => {
    const { stdout } = await execa(python, ["-c", script, url, bucket], { env: { ...env, ...more } });
    return JSON.parse(stdout);
  };
  const keys = (await ask(SETUP, {})) as { accessKeyId: string; secretAccessKey: string };
  const asUser = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
  return {
    url,
    bucket,
    ...keys,
    objects: async () => (await ask(LIST, asUser)) as string[],
    stop: async () => {
      server.kill("SIGTERM");
      await server;
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
