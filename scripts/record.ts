/**
 * Records docs/session.svg, the picture in the README: a real login on a real pseudo-terminal against the simulator.
 * `deno run -A scripts/record.ts`, on Linux or macOS with python3. Only what differs from run to run is replaced: the
 * home folder and the time.
 */
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { startSimulator } from "../simulator/server.ts";
import { defaultFiles } from "../tests/harness.ts";
import { openPty, type Pty } from "../tests/pty.ts";
import { screenOf } from "../tests/screen.ts";
import { animatedSvg } from "./screen_svg.ts";
import { ROOT } from "./start_task.ts";

const COLUMNS = 84;
const COMMAND = "onelogin-aws-assume-role --profile dev";

async function record(): Promise<string> {
  await using simulator = await startSimulator({ push: { approveAfterMs: 1500 } });
  const files = {
    ...defaultFiles,
    ".onelogin/accounts.yaml": 'accounts:\n  "123456789012": Dev\n  "987654321098": Prod\n',
  };
  await using pty = await openPty({
    args: ["--profile", "dev"],
    files,
    simulator,
    columns: COLUMNS,
    rows: 40,
    env: { TERM: "xterm" },
  });
  const screens: { raw: string; seconds: number }[] = [];
  const shoot = async (seconds: number) => {
    // What is drawn after the text that was waited for.
    await new Promise((resolve) => setTimeout(resolve, 150));
    screens.push({ raw: pty.raw(), seconds });
  };
  await pty.expect("OneLogin password");
  await pty.send(ADA.password);
  await shoot(2);
  await pty.sendKey("enter");
  await pty.expect("Second factor");
  await shoot(2.5);
  await pty.sendKey("enter");
  await pty.expect("Approve the sign-in");
  await shoot(2.5);
  await pty.expect("AWS role");
  await shoot(2.5);
  await typeSlowly(pty, "prod");
  await pty.expect(/2 matches/);
  await shoot(2.5);
  await pty.sendKey("enter");
  const end = await pty.wait();
  if (end.code !== 0) throw new Error(`the program ended with ${end.code}:\n${pty.screen()}`);
  screens.push({ raw: pty.raw(), seconds: 6 });

  const prompt = `\x1b[32m$\x1b[0m ${COMMAND}\r\n`;
  return animatedSvg(
    await Promise.all(screens.map(async ({ raw, seconds }) => ({
      screen: await screenOf(prompt + fixed(raw, end.home), COLUMNS),
      seconds,
    }))),
    COLUMNS,
    `${COMMAND}: password, approval in OneLogin Protect, choice of a role of ${DEMO_SCENARIO.subdomain}, saved profile`,
  );
}

async function typeSlowly(pty: Pty, text: string): Promise<void> {
  for (const char of text) {
    await pty.send(char);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function fixed(raw: string, home: string): string {
  // The program may break the line after the date.
  const time = /\d{4}-\d\d-\d\d(\s+)\d\d:\d\d [+-]\d\d:\d\d/g;
  return raw.replaceAll(home, "/home/ada").replace(time, (_, space) => `2027-01-15${space}10:30 +00:00`);
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("docs/session.svg", ROOT), await record());
}
