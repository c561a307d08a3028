import { attempt } from "../errors.ts";
import type { Platform } from "./deps.ts";
import { facts } from "./file_facts.ts";

/**
 * The disk as the launcher sees it before it narrows the permissions. What cannot be read is undefined. Each path is read
 * once, because a missing one costs an exception.
 */
export function launchFiles(platform: Platform) {
  return {
    read: once((path) => attempt(() => Deno.statSync(path).isFile ? Deno.readFileSync(path) : undefined)),
    realPath: once((path) => attempt(() => Deno.realPathSync(path))),
    // Reading a file as a link would cost an exception too.
    readLink: once((path) => attempt(() => Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined)),
    stat: once((path) => attempt(() => facts(Deno.statSync(path), platform !== "windows"))),
  };
}

function once<T>(look: (path: string) => T | undefined): (path: string) => T | undefined {
  const seen = new Map<string, T | undefined>();
  return (path) => {
    if (!seen.has(path)) seen.set(path, look(path));
    return seen.get(path);
  };
}
