/**
 * Faults of the AWS files and of the disk they are on, there from the start or only once OneLogin has let the person in.
 * The real program runs each of them. Run as a program it prints the rows as JSON; that wants root in a mount namespace of
 * its own, since some faults are mounts: {@linkcode fileRows} takes care of it.
 */
import { fileURLToPath } from "node:url";
import { ADA, PROTECT } from "../../simulator/demo_world.ts";
import { defaultFiles, freshFolder, withSimulator } from "../harness.ts";
import { ADMIN, PASSWORD, run, together } from "../runs.ts";

/** What a run came to. */
export interface FileCell {
  readonly code: number;
  /** How often the password was posted, and the phone was rung. */
  readonly posts: number;
  readonly pushes: number;
  /** What is in the files afterwards. */
  readonly stands: string;
  readonly error: string;
  readonly hints: readonly string[];
}

export interface FileRow {
  readonly name: string;
  readonly before: FileCell;
  readonly after: FileCell;
}

interface FileFault {
  readonly name: string;
  /** Brings it about under ~/.aws. */
  readonly arise: (aws: string) => void;
  readonly args?: readonly string[];
}

const KEPT = "[other]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = kept\n";
const CONFIG = "[profile other]\nregion = eu-west-1\n";
const IN_CONFIG = ["--region-in", "config"];

function sh(command: string): void {
  const { success, stderr } = new Deno.Command("sh", { args: ["-c", command], stdout: "null" }).outputSync();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

const put = (name: string, text: string | Uint8Array) => (aws: string) =>
  Deno.writeFileSync(`${aws}/${name}`, typeof text === "string" ? new TextEncoder().encode(text) : text);

const utf16 = (text: string) =>
  new Uint8Array([0xff, 0xfe, ...Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0])]);

/** A small disk with what was in the folder, that gets full. */
function smallDisk(aws: string): void {
  sh(
    `cp -a "${aws}" "${aws}.was" && mount -t tmpfs -o size=64k,mode=700 none "${aws}" && cp -a "${aws}.was/." "${aws}" &&
    { cat /dev/zero > "${aws}/filler" 2>/dev/null || true; }`,
  );
}

function mounted(name: string, options?: string): (aws: string) => void {
  return (aws) => {
    // Outside of the home, which is searched for secrets afterwards.
    const source = `${freshFolder("mounts")}/${name}`;
    sh(`cp -p "${aws}/${name}" "${source}" && mount --bind "${source}" "${aws}/${name}"`);
    if (options !== undefined) sh(`mount -o remount,bind,${options} "${aws}/${name}"`);
  };
}

const FILE_FAULTS: readonly FileFault[] = [
  { name: "none", arise: () => {} },
  { name: "no section header", arise: put("credentials", `a = b\n${KEPT}`) },
  { name: "UTF-16", arise: put("credentials", utf16(KEPT)) },
  { name: "CR line ends", arise: put("credentials", KEPT.replaceAll("\n", "\r")) },
  {
    name: "a repeated key",
    arise: put("credentials", `${KEPT}aws_secret_access_key = other\n`),
  },
  {
    name: "long-term keys",
    arise: put("credentials", KEPT.replace("[other]", "[dev]")),
  },
  {
    name: "a folder",
    arise: (aws) => sh(`rm "${aws}/credentials" && mkdir "${aws}/credentials"`),
  },
  {
    name: "a dangling link",
    arise: (aws) => sh(`rm "${aws}/credentials" && ln -s /nowhere/at/all/credentials "${aws}/credentials"`),
  },
  { name: "a mounted file", arise: mounted("credentials") },
  { name: "a mounted file, read-only", arise: mounted("credentials", "ro") },
  {
    name: "a read-only disk",
    arise: (aws) => sh(`mount --bind "${aws}" "${aws}" && mount -o remount,bind,ro "${aws}"`),
  },
  { name: "a full disk", arise: smallDisk },
  { name: "config: no section header", arise: put("config", `a = b\n${CONFIG}`), args: IN_CONFIG },
  { name: "config: UTF-16", arise: put("config", utf16(CONFIG)), args: IN_CONFIG },
  { name: "config: a mounted file", arise: mounted("config"), args: IN_CONFIG },
  { name: "config: a mounted file, read-only", arise: mounted("config", "ro"), args: IN_CONFIG },
];

const text = (path: string) => {
  try {
    return new TextDecoder().decode(Deno.readFileSync(path));
  } catch {
    return "";
  }
};

/** Runs the program once, with the fault from the start or from the moment AWS is asked. */
async function runFileFault(fault: FileFault, when: "before" | "after"): Promise<FileCell> {
  const home = freshFolder("home");
  const aws = `${home}/.aws`;
  Deno.mkdirSync(aws, { mode: 0o700 });
  put("credentials", KEPT)(aws);
  put("config", CONFIG)(aws);
  sh(`chmod 600 "${aws}"/*`);
  let was = { credentials: "", config: "" };
  const arise = () => {
    fault.arise(aws);
    was = { credentials: text(`${aws}/credentials`), config: text(`${aws}/config`) };
  };
  if (when === "before") arise();
  let cell: FileCell | undefined;
  let arisen = when === "before";
  await withSimulator({
    users: [{ ...ADA, devices: [PROTECT] }],
    push: { approveAfterPolls: 0 },
    faults(request) {
      if (request.route === "AssumeRoleWithSAML" && !arisen) {
        arisen = true;
        arise();
      }
      return undefined;
    },
  }, async (simulator) => {
    const args = ["--no-input", ...ADMIN, "-p", "dev", "--aws-region", "eu-west-1", ...fault.args ?? []];
    const { code, stderr } = await run(simulator, { args, env: PASSWORD, home, files: defaultFiles });
    const lines = (kind: string) =>
      stderr.split("\n").flatMap((line) => line.split(`onelogin-aws-assume-role: ${kind}: `)[1] ?? [])
        .map((line) => line.replaceAll(home, "~"));
    cell = {
      code,
      posts: simulator.passwordPosts,
      pushes: simulator.notifications,
      stands: stands(aws, was),
      error: lines("error").join(" "),
      hints: lines("hint"),
    };
  });
  sh(`umount "${aws}/credentials" "${aws}/config" "${aws}" 2>/dev/null; true`);
  if (cell === undefined) throw new Error("the run came to nothing");
  return cell;
}

function stands(aws: string, was: { readonly credentials: string; readonly config: string }): string {
  const left = Array.from(Deno.readDirSync(aws), ({ name }) => name).filter((name) => name.includes("onelogin"));
  const [credentials, config] = [text(`${aws}/credentials`), text(`${aws}/config`)];
  const said = [
    credentials === was.credentials
      ? ""
      : credentials.startsWith(was.credentials) && credentials.includes("aws_session_token")
      ? "saved"
      : "DAMAGED",
    config === was.config ? "" : config.includes("[profile dev]\nregion = eu-west-1") ? "region saved" : "DAMAGED",
    ...left,
  ].filter((words) => words !== "");
  return said.length === 0 ? "as before" : said.join(", ");
}

/** Whether this machine lets mounts be made in a namespace of their own. */
export async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const script = "mount -t tmpfs -o size=16k none /mnt && touch /mnt/a /mnt/b && mount --bind /mnt/a /mnt/b";
    return (await new Deno.Command("unshare", { args: ["-m", "sh", "-c", script] }).output()).success;
  } catch {
    return false;
  }
}

/** All rows, from a process in a mount namespace of its own: no mount outlives it. */
export async function fileRows(): Promise<readonly FileRow[]> {
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-m", Deno.execPath(), "run", "-A", "--no-check", "--quiet", fileURLToPath(import.meta.url)],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

if (import.meta.main) {
  const rows = await together(FILE_FAULTS.map((fault) => async (): Promise<FileRow> => ({
    name: fault.name,
    before: await runFileFault(fault, "before"),
    after: await runFileFault(fault, "after"),
  })));
  console.log(JSON.stringify(rows));
}
