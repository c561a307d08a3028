import process from "node:process";

/**
 * The terminal library reads Node's `process.env`. The program has no permission for the environment, so it sets
 * a plain object with the few colour variables of the snapshot. Call this before that library is loaded.
 */
export function limitProcessEnv(env: Readonly<Record<string, string>>, names: readonly string[]): void {
  const value: Record<string, string> = {};
  for (const name of names) {
    if (env[name] !== undefined) value[name] = env[name];
  }
  for (const target of [process, (globalThis as { process?: object }).process]) {
    if (target) Object.defineProperty(target, "env", { value, configurable: true, writable: true });
  }
}
