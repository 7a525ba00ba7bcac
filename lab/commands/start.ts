import { appendFileSync, mkdirSync } from "node:fs";
import { Lab, logFile, names } from "../lab";
import { takeLock } from "../ownership";
import { checkMachine } from "../preflight";
import { Job, runStages } from "../progress";
import { freeStack, runPulumi, stackOutputs } from "../stack";
import { Say } from "../step";
import { chooseClient } from "../start/docker";
import { ImageClient, makeImage, PushedImage, REPOSITORY } from "../start/image";
import { Findings, summary } from "../start/summary";
import { lookAtUi } from "../start/ui";
import { bringUp } from "./up";

/** The whole main job, on real programs: lab, `pulumi up`, login, push, pull, the UI, and a summary. */
export async function start(lab: Lab): Promise<void> {
  checkMachine(lab, "start");
  const started = process.hrtime.bigint();
  const release = takeLock(lab, "start");
  try {
    const timings = await bringUp(lab);
    const { stages, found } = mainJob(lab);
    timings.push(...(await runStages(stages)));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    console.log(summary(lab, { outputs: await stackOutputs(lab), timings, seconds, ...found() }));
  } finally {
    release();
  }
}

function mainJob(lab: Lab): { stages: Job[][]; found: () => Pick<Findings, "image" | "client"> } {
  let file = "";
  let pushed: PushedImage = { reference: "", digest: "", layers: 0, mebibytes: 0 };
  let chosen: ImageClient | undefined;
  const client = (): ImageClient => {
    if (!chosen) throw new Error("no client was chosen to log in with");
    return chosen;
  };
  const stages: Job[][] = [
    [
      { title: "pulumi up", run: (say) => pulumiUp(lab, say), log: () => logFile(lab, "pulumi-up") },
      {
        title: "An image of several layers",
        run: async () => {
          file = await makeImage(lab);
        },
      },
      {
        title: "A client for images",
        run: async (say) => {
          chosen = await chooseClient(lab, say);
          say(chosen.title);
        },
      },
    ],
    [{ title: `Login at ${names.registry}`, run: () => client().login(), log: () => gatewayLog(lab) }],
    [
      {
        title: "Push through the gateway",
        run: async () => {
          pushed = await client().push(file);
        },
        log: () => gatewayLog(lab),
      },
    ],
    [
      { title: "Pull and compare", run: (say) => client().pullAndCompare(pushed, say) },
      {
        title: `UI in a browser at ${names.ui}`,
        run: async (say) => {
          await lookAtUi(lab, REPOSITORY, say);
        },
        log: () => logFile(lab, "browser"),
      },
    ],
  ];
  return { stages, found: () => ({ image: pushed, client: client().title }) };
}

const gatewayLog = (lab: Lab): string => `${lab.dir}/hosts/gateway/own/var/log/nginx/docker.error.log`;

/** Runs `pulumi up` of this checkout's stack, and tells which resource is at work. */
async function pulumiUp(lab: Lab, say: Say): Promise<void> {
  mkdirSync(lab.logs, { recursive: true });
  await freeStack(lab);
  const said = new Set<string>();
  const onLine = (line: string): void => {
    appendFileSync(logFile(lab, "pulumi-up"), `${line}\n`);
    const resource = /^ *[-+~]+ +\S+:(\S+) (\S+) ((?:creat|updat|delet|replac)(?:ing|ed))/.exec(line);
    const now = resource?.slice(1).join(" ");
    if (now === undefined || said.has(now)) return;
    said.add(now);
    say(now);
  };
  await runPulumi(lab, ["up", "--yes", "--skip-preview", "--stack", lab.pulumi.stack], { onLine });
}
