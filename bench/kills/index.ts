import { type Kill, KilledActivations, killTimes, VICTIMS } from "../../rig/gateway/kills";
import { NginxHost } from "../../rig/hosts/nginx-host";

/**
 * 300 activations on a real nginx host, killed by SIGKILL; ends with 1 if one of them left anything that is not right.
 */
export async function benchKills(options: { count: string }): Promise<void> {
  const count = Number(options.count);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--count must be a whole number from 1, got ${options.count}`);
  const host = await NginxHost.start();
  try {
    const kills = await killAll(await KilledActivations.on(host), count);
    report(kills);
    if (kills.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
  } finally {
    await host.stop();
  }
}

async function killAll(activations: KilledActivations, count: number): Promise<Kill[]> {
  const course = await activations.course(7);
  const [whole, switched] = [course.ended, course.switched].map((seconds) => seconds.toFixed(2));
  console.log(`an undisturbed activation: ${whole} s, the switch after ${switched} s (medians of 7)`);
  const kills: Kill[] = [];
  let tooLate = 0;
  // One that ended before its kill is killed again, earlier, and so are those after it: the machine has become faster.
  let pace = 1;
  for (const [index, time] of killTimes(count, course).entries()) {
    const victim = VICTIMS[index % VICTIMS.length] ?? VICTIMS[0];
    for (; pace > 0.2; pace *= 0.98) {
      const kill = await activations.kill(victim, time * pace);
      if (kill.killed || kill.wrong.length > 0) kills.push(kill);
      if (kill.killed) break;
      tooLate++;
    }
    if ((index + 1) % 50 === 0) console.error(`${index + 1} of ${count}`);
  }
  console.log(`${kills.length} killed; ${tooLate} kills came after the end and were done again, a little earlier`);
  return kills;
}

function report(kills: readonly Kill[]): void {
  const steps = [...new Set(kills.map(({ step }) => step))];
  const order = [
    "before the first step",
    "look at the host",
    "stage",
    "test",
    "write the owner",
    "prepare the way back",
  ];
  const rank = (step: string): number => [...order, "switch", "reload", "prove", "remember", "done"].indexOf(step);
  const rows = steps
    .sort((one, other) => rank(one) - rank(other))
    .map((step) => {
      const here = kills.filter((kill) => kill.step === step);
      const of = (found: Kill["found"]): number => here.filter((kill) => kill.found === found).length;
      const wrong = here.filter((kill) => kill.wrong.length > 0).length;
      return [step, here.length, of("old"), of("new"), of("nothing"), wrong].join(" | ");
    });
  console.log("| killed in step | kills | then the old release | the new one | nothing | anything wrong |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const row of rows) console.log(`| ${row} |`);
  for (const victim of VICTIMS)
    console.log(`${victim}: ${kills.filter((kill) => kill.victim === victim).length} kills`);
  for (const { step, victim, wrong } of kills) {
    for (const what of wrong) console.log(`WRONG, ${victim} killed in "${step}": ${what}`);
  }
}
