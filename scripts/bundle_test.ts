import assert from "node:assert/strict";
import { parse as parseByPackage } from "@libs/xml";
import { bundle, commitToName, deno, relativeTo } from "./bundle.ts";
import { PROGRAM, VERSION } from "../src/version.ts";
import { ROOT, shippedFlags } from "./start_task.ts";

Deno.test("relativeTo(): the way from one folder to another as the bundler writes it", () => {
  assert.equal(relativeTo("/work/project/", "/home/ada/.cache/npm"), "../../home/ada/.cache/npm");
  assert.equal(relativeTo("/work/project", "/work/project/dist/npm/"), "dist/npm");
  assert.equal(relativeTo("C:\\work\\project\\", "C:\\cache\\npm"), "../../cache/npm");
  assert.equal(relativeTo("C:\\work", "D:\\cache\\npm"), "D:/cache/npm");
});

Deno.test("commitToName(): OLAWS_COMMIT comes before git, is cut to twelve digits, and must be a commit", async () => {
  assert.equal(await commitToName({ OLAWS_COMMIT: "0123456789abcdef0123456789abcdef01234567" }), "0123456789ab");
  for (const given of ["main", "0123456789a", '0123456789ab"; evil', "0123456789AB"]) {
    await assert.rejects(commitToName({ OLAWS_COMMIT: given }), /not a commit/, given);
  }
  // As the image's build hands it on when nobody named a commit.
  assert.match(await commitToName({ OLAWS_COMMIT: "" }) ?? "000000000000", /^[0-9a-f]{12}\+?$/);
});

Deno.test("bundle(): starts with the shipped permissions, is the same twice, names no folder of this machine", async () => {
  const folder = "dist/bundle-test";
  try {
    const main = await bundle(folder);
    const first = textsIn(folder);
    assert.ok(
      Object.keys(first).some((name) => name.startsWith("status-")),
      "what is loaded lazily stays apart",
    );
    await Deno.mkdir(`${folder}/home/.onelogin`, { recursive: true });
    await Deno.writeTextFile(`${folder}/home/.onelogin/accounts.yaml`, "accounts:\n  123456789012: Dev\n");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...await shippedFlags(), main, "status"],
      cwd: ROOT,
      env: { HOME: `${Deno.cwd()}/${folder}/home` },
    }).output();
    const errors = new TextDecoder().decode(stderr);
    assert.equal(code, 0, errors);
    assert.equal(new TextDecoder().decode(stdout).trim(), "");
    const version = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...await shippedFlags(), main, "--version"],
      cwd: ROOT,
    }).output();
    assert.ok(new TextDecoder().decode(version.stdout).startsWith(`${PROGRAM} ${VERSION} (`));
    const [[parser] = []] = Object.entries(first).filter(([, text]) => text.includes("globalThis.Buffer.from("));
    const { parse } = await import(new URL(`${folder}/${parser}`, ROOT).href);
    assert.deepEqual(parse("<a><b c='d'>é</b></a>"), parseByPackage("<a><b c='d'>é</b></a>"));
    await bundle(folder);
    assert.deepEqual(textsIn(folder), first);
    const cache = new URL(".", ROOT).pathname;
    for (const [name, text] of Object.entries(first)) {
      assert.ok(!text.includes(cache) && !text.includes("../../"), `${name} names a folder`);
      assert.ok(!text.includes("Dynamic require of"), `${name} cannot load Node's modules`);
    }
    const { sandbox, program } = loadedLater(first);
    assert.equal(new Set(sandbox).size, 1, "what the launcher loads is one file");
    const files = [["main.js"], sandbox, [program]].map((names) => loadedBy(names, first).files.length);
    assert.deepEqual(files, [2, 2, 3], "the files of an answer, and those of each step with what they share");
    assert.deepEqual(loadedBy(["main.js", ...sandbox, program], first).nodes, ["node:path"]);
  } finally {
    await Deno.remove(new URL(folder, ROOT), { recursive: true });
  }
});

Deno.test("a start loads these modules, and credential-process from a live cache only these more", async () => {
  const folder = "dist/.modules-test";
  try {
    await deno(["bundle", "--quiet", "--platform=deno", "--code-splitting", `--outdir=${folder}`, "main.ts"], {});
    const texts = textsIn(folder);
    const { sandbox, program } = loadedLater(texts);
    const modulesOf = (entries: readonly string[]) =>
      loadedBy(entries, texts).files.flatMap((name) => Array.from(texts[name]?.matchAll(/^\/\/ (\S+\.[jt]s)$/gm) ?? []))
        .map(([, path = ""]) => path.replace(/^src\//, "")).sort();
    const first = modulesOf(["main.js"]);
    const launcher = modulesOf(["main.js", ...sandbox]);
    assert.deepEqual(first, pathsOf(FIRST));
    assert.deepEqual(launcher.filter((path) => !first.includes(path)), pathsOf(LAUNCHER));
    assert.deepEqual(modulesOf([program]).filter((path) => !launcher.includes(path)), pathsOf(CACHED));
  } finally {
    await Deno.remove(new URL(folder, ROOT), { recursive: true });
  }
});

/** The files that main.js loads to narrow its permissions, and the one of the program. */
function loadedLater(texts: Readonly<Record<string, string>>) {
  const names = Array.from((texts["main.js"] ?? "").matchAll(/import\("\.\/([^"]+)"\)/g), ([, name = ""]) => name);
  return { sandbox: names.slice(0, 4), program: names.at(-1) ?? "" };
}

function pathsOf(folders: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(folders).flatMap(([folder, names]) =>
    names.split(" ").map((name) => `${folder}/${name}.ts`.replace(/^\//, ""))
  ).sort();
}

/** By folder. What is added here slows every run: prefer an `import()` for what only some runs need. */
const FIRST = {
  "": "errors main version windows_form",
  "argv": "options parse spelling",
  "commands": "help",
};

/** What every run needs that does more than answer. */
const LAUNCHER = {
  "": "defined json_object narrow outer_wall permissions repository utf8",
  "aws": "nearest_region partitions",
  "io": "file_facts launch_files network_env paths",
  "settings": "browser endpoints values",
  "store": "names",
};

/** The further ones of `credential-process`, which build tools call many times. */
const CACHED = {
  "": "program",
  "commands": "credential_process run",
  "io": "clock deps files network on_path process_env program read_file signals terminal",
  "saml": "instant role_arn role_request",
  "settings":
    "aws_file find_files json json_members json_values policy_values precedence resolve sdk_file settings text_file",
  "store": "clock_skew credentials_cache subject",
  "ui": "ascii process_json report_bug silent_reporter",
  "ui/prompts": "none",
  "unattended": "answer",
};

/** The files that files of the bundle load when they are loaded themselves, and the modules of Node. */
function loadedBy(entries: readonly string[], texts: Readonly<Record<string, string>>) {
  const files = new Set(entries);
  const nodes = new Set<string>();
  for (const name of files) {
    for (const [, target = ""] of (texts[name] ?? "").matchAll(/(?:\bfrom|\bimport) ?"((?:node:|\.\/)[^"]+)"/g)) {
      if (target.startsWith("./")) files.add(target.slice(2));
      else nodes.add(target);
    }
  }
  return { files: [...files], nodes: [...nodes].sort() };
}

function textsIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(Deno.readDirSync(new URL(`${folder}/`, ROOT))).filter(({ isFile }) => isFile).sort((a, b) =>
      a.name < b.name ? -1 : 1
    ).map(({ name }) => [name, Deno.readTextFileSync(new URL(`${folder}/${name}`, ROOT))]),
  );
}
