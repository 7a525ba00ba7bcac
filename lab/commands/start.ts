import { appendFileSync, mkdirSync } from "node:fs";
import { Lab, logFile, names } from "../lab";
import { takeLock } from "../ownership";
import { checkMachine } from "../preflight";
import { Job, runStages } from "../progress";
import { freeStack, runPulumi, stackOutputs } from "../stack";
import { Say } from "../step";
import { login, makeImage, PushedImage, pullAndCompare, push, REPOSITORY } from "../start/image";
import { summary } from "../start/summary";
import { lookAtUi } from "../start/ui";
import { bringUp } from "./up";

/** The whole main job, on real programs: lab, `pulumi up`, login, push, pull, the UI, and a summary. */
export async function start(lab: Lab): Promise<void> {
  checkMachine(lab, "start");
  const started = process.hrtime.bigint();
  const release = takeLock(lab, "start");
  try {
    const timings = await bringUp(lab);
    const { stages, image } = mainJob(lab);
    timings.push(...(await runStages(stages)));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    console.log(summary(lab, { outputs: await stackOutputs(lab), timings, seconds, image: image() }));
  } finally {
    release();
  }
}

function mainJob(lab: Lab): { stages: Job[][]; image: () => PushedImage } {
  let file = "";
  let pushed: PushedImage = { reference: "", digest: "", layers: 0, mebibytes: 0 };
  const stages: Job[][] = [
    [
      { title: "pulumi up", run: (say) => pulumiUp(lab, say), log: () => logFile(lab, "pulumi-up") },
      {
        title: "An image of several layers",
        run: async () => {
          file = await makeImage(lab);
        },
      },
    ],
    [{ title: `Login at ${names.registry}`, run: () => login(lab), log: () => gatewayLog(lab) }],
    [
      {
        title: "Push through the gateway",
        run: async () => {
          pushed = await push(lab, file);
        },
        log: () => gatewayLog(lab),
      },
    ],
    [
      { title: "Pull and compare digests", run: (say) => pullAndCompare(lab, pushed, say) },
      {
        title: `UI in a browser at ${names.ui}`,
        run: async (say) => {
          await lookAtUi(lab, REPOSITORY, say);
        },
        log: () => logFile(lab, "browser"),
      },
    ],
  ];
  return { stages, image: () => pushed };
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
