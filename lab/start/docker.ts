import { clientPrefix, dockerIsInstalled, plainEnvironment, Ran, run, startDocker } from "../hosts";
import { Lab, names } from "../lab";
import { ensureSecrets } from "../secrets";
import { Say } from "../step";
import { craneClient, ImageClient, PushedImage, removeImage, REPOSITORY, SIZE } from "./image";

/** Docker where it is there, else crane; its title says why it is not docker. */
export async function chooseClient(lab: Lab, say: Say): Promise<ImageClient> {
  const why = dockerIsInstalled() ? await failure(startDocker(lab)) : "this machine has no dockerd";
  if (why === undefined) return dockerClient(lab);
  const crane = await craneClient(lab);
  say(`${why}\n${crane.title} is used`);
  return { ...crane, title: `${crane.title}, no docker: ${why.split("\n")[0]}` };
}

async function failure(work: Promise<void>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: Error) => error.message,
  );
}

async function dockerClient(lab: Lab): Promise<ImageClient> {
  const format = "docker {{.Client.Version}}, its daemon {{.Server.Version}}";
  const { stdout } = await docker(lab, ["version", "--format", format]);
  return {
    title: stdout.trim(),
    login: async () => {
      const { pushPassword } = ensureSecrets(lab);
      await docker(lab, ["login", "--username", lab.users.push, "--password-stdin", names.registry], pushPassword);
    },
    push: (file) => push(lab, file),
    pullAndCompare: (image, say) => pullAndCompare(lab, image, say),
  };
}

async function push(lab: Lab, file: string): Promise<PushedImage> {
  const reference = `${names.registry}/${REPOSITORY}:1`;
  await docker(lab, ["load", "--input", file]);
  removeImage(lab);
  await docker(lab, ["tag", `${REPOSITORY}:1`, reference]);
  const { stdout } = await docker(lab, ["push", reference]);
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1];
  if (digest === undefined) throw new Error(`docker push told no digest: ${stdout.trim().slice(-500)}`);
  return { reference, digest, ...SIZE };
}

/** Pulls the image after docker has forgotten it. Its id is the hash of a config that names what is in each layer. */
async function pullAndCompare(lab: Lab, image: PushedImage, say: Say): Promise<void> {
  const id = await idOf(lab, image.reference);
  await docker(lab, ["rmi", "--force", id]);
  const { stdout } = await docker(lab, ["pull", image.reference]);
  if (!stdout.includes(image.digest)) throw new Error(`${image.digest} was pushed, and docker pull says: ${stdout}`);
  const pulled = await idOf(lab, image.reference);
  if (pulled !== id) throw new Error(`the image with the id ${id} was pushed, and ${pulled} came back`);
  say(image.digest);
}

async function idOf(lab: Lab, reference: string): Promise<string> {
  return (await docker(lab, ["image", "inspect", "--format", "{{.Id}}", reference])).stdout.trim();
}

/** Runs docker on the client host, with a config and a daemon of the lab's own. */
function docker(lab: Lab, args: readonly string[], input = ""): Promise<Ran> {
  const env = { ...plainEnvironment, DOCKER_CONFIG: lab.dockerConfig, DOCKER_HOST: `unix://${lab.dockerSocket}` };
  return run([...clientPrefix, "docker", ...args], { env, input });
}
