/** The npm packages that go into the executable, as Deno resolved them. */
import { ROOT } from "./start_task.ts";

/** A package in the executable. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression from its package.json. */
  readonly license: string;
  /** Of its archive, as deno.lock has it: `sha512-…` in base64. */
  readonly integrity: string;
  /** `name@version` of what it needs. */
  readonly dependencies: readonly string[];
  /** Where its files lie on this machine. */
  readonly folder: string;
  /** Imported by the program itself, and not only by another package. */
  readonly direct: boolean;
}

interface Info {
  readonly modules: readonly { readonly specifier: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly version: string;
        readonly dependencies: readonly string[];
        /** Not told by Deno 2.4. */
        readonly localPath?: string;
      }
    >
  >;
}

const ENTRIES = ["main.ts"];

/** Everything that main.ts loads from npm, lazily or not, with what that needs; sorted by name. */
export async function shippedPackages(): Promise<readonly NpmPackage[]> {
  await deno(["cache", "--quiet", ...ENTRIES]);
  const { npmCache } = JSON.parse(await deno(["info", "--json"])) as { npmCache: string };
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const infos: Info[] = [];
  for (const entry of ENTRIES) infos.push(JSON.parse(await deno(["info", "--json", entry])));
  const known = Object.assign({}, ...infos.map((info) => info.npmPackages)) as Info["npmPackages"];
  const direct = new Set(
    infos.flatMap(({ modules }) =>
      modules.flatMap((module) => module.npmPackage === undefined ? [] : [module.npmPackage])
    ),
  );
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    known[id]?.dependencies.forEach(visit);
  };
  direct.forEach(visit);
  return await Promise.all(
    [...found].sort().map(async (id) => {
      const info = known[id];
      if (info === undefined) throw new Error(`"deno info" does not know the package ${id}`);
      const { name, version, dependencies } = info;
      const folder = `${npmCache}/registry.npmjs.org/${name}/${version}`;
      const { license } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
      const { integrity } = lock.npm[id] ?? {};
      if (typeof license !== "string") throw new Error(`the package ${id} names no licence`);
      if (typeof integrity !== "string") throw new Error(`deno.lock has no checksum of ${id}`);
      return { name, version, license, integrity, dependencies, folder, direct: direct.has(id) };
    }),
  );
}

async function deno(args: readonly string[]): Promise<string> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`"deno ${args.join(" ")}" failed`);
  return new TextDecoder().decode(stdout);
}
