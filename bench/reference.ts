/** The Python tool of the same name, when it is on PATH. Its OneLogin host is fixed, so `requests` gets another one. */
import { join } from "node:path";
import type { Reference } from "./stage.ts";

const NAME = "onelogin-aws-assume-role";

const REDIRECT = `import os
import requests

real = requests.Session.send


def send(self, request, **options):
    request.url = request.url.replace("https://api.us.onelogin.com", os.environ["ONELOGIN_API_URL"])
    return real(self, request, **options)


requests.Session.send = send
`;

/** Looks for it on PATH and makes the folder that redirects it, below `folder`. Nothing of the tool itself is touched. */
export async function findReference(folder: string): Promise<Reference | undefined> {
  const path = (Deno.env.get("PATH") ?? "").split(":").map((each) => join(each, NAME)).find(isPython);
  if (path === undefined) return undefined;
  const redirect = join(folder, "redirect");
  await Deno.mkdir(redirect);
  await Deno.writeTextFile(join(redirect, "sitecustomize.py"), REDIRECT);
  return { path, version: await versionOf(path), redirect };
}

/** The interpreter in the first line, when the file is a Python script. */
function interpreter(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).match(/^#!(\S*python\S*)/)?.[1];
  } catch {
    return undefined;
  }
}

function isPython(path: string): boolean {
  return interpreter(path) !== undefined;
}

async function versionOf(path: string): Promise<string> {
  const script = `import importlib.metadata, platform
print(importlib.metadata.version("${NAME}"), "on Python", platform.python_version())`;
  const { stdout } = await new Deno.Command(interpreter(path) ?? "python3", { args: ["-c", script] }).output();
  return new TextDecoder().decode(stdout).trim();
}
