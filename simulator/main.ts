/** Runs the simulator alone, for the demo and for trying the program by hand. What it prints can be pasted into a shell. */
import { parseArgs } from "node:util";
import { ADA, AUTHENTICATOR, DEMO_SCENARIO, manyRoles, PROTECT, SMS } from "./demo_world.ts";
import { startSimulator } from "./server.ts";
import type { PushAnswer, Scenario, SimulatedDevice } from "./scenario.ts";

const USAGE = `usage: deno task simulator [--port N] [--roles N] [--mfa push|totp|sms|none|all]
                           [--approve-after SECONDS|never] [--latency MS]`;

const DEVICES: Readonly<Record<string, readonly SimulatedDevice[]>> = {
  push: [PROTECT],
  totp: [AUTHENTICATOR],
  sms: [SMS],
  none: [],
  all: [PROTECT, AUTHENTICATOR, SMS],
};

/** What the command line asks for; throws an Error whose message is for the person. */
export function simulatorOptions(
  args: readonly string[],
): { readonly port: number; readonly change: Partial<Scenario> } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "0" },
      roles: { type: "string" },
      mfa: { type: "string", default: "all" },
      "approve-after": { type: "string", default: "5" },
      latency: { type: "string", default: "0" },
    },
  });
  const devices = Object.hasOwn(DEVICES, values.mfa) ? DEVICES[values.mfa] : undefined;
  if (!devices) throw new Error(`--mfa is push, totp, sms, none or all, not "${values.mfa}"`);
  const push: PushAnswer = values["approve-after"] === "never"
    ? "never"
    : { approveAfterMs: wholeNumber("--approve-after", values["approve-after"]) * 1000 };
  return {
    port: wholeNumber("--port", values.port),
    change: {
      users: [{ ...ADA, devices }],
      push,
      latencyMs: wholeNumber("--latency", values.latency),
      ...(values.roles === undefined ? {} : {
        roles: manyRoles(wholeNumber("--roles", values.roles)),
        maxAssertionLength: 4_000_000,
      }),
    },
  };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`${option} takes a whole number, not "${text}"`);
  return Number(text);
}

async function main(): Promise<void> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(USAGE);
    return;
  }
  const { port, change } = simulatorOptions(Deno.args);
  const simulator = await startSimulator(change, { port });
  const settings: Readonly<Record<string, string>> = {
    ...simulator.env,
    ONELOGIN_CLIENT_ID: DEMO_SCENARIO.clientId,
    ONELOGIN_CLIENT_SECRET: DEMO_SCENARIO.clientSecret,
    ONELOGIN_USERNAME: ADA.email,
    ONELOGIN_SUBDOMAIN: DEMO_SCENARIO.subdomain,
    ONELOGIN_APP_ID: DEMO_SCENARIO.apps[0]?.id ?? "",
  };
  console.log("# OneLogin and AWS, simulated. Nothing here is real. Ctrl-C ends it.");
  for (const [name, value] of Object.entries(settings)) console.log(`export ${name}=${value}`);
  console.log(`# user name: ${ADA.email}`);
  console.log(`# password:  ${ADA.password}`);
  for (const device of simulator.scenario.users[0]?.devices ?? []) {
    console.log(`# code:      ${device.code} (${device.type})`);
  }

  let shown = 0;
  let complaints = 0;
  const log = setInterval(() => {
    for (let next = simulator.requests[shown]; next?.status !== undefined; next = simulator.requests[++shown]) {
      console.error(`${new Date(next.time).toISOString()}  ${next.status}  ${next.route}`);
    }
    for (const why of simulator.unexpected.slice(complaints)) console.error(`unexpected: ${why}`);
    complaints = simulator.unexpected.length;
  }, 200);
  await new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGINT", resolve);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", resolve);
  });
  clearInterval(log);
  await simulator[Symbol.asyncDispose]();
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`simulator: error: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    Deno.exit(2);
  }
  Deno.exit(0);
}
