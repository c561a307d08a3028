import process from "node:process";

/**
 * The terminal library asks Node's `process.env` how to draw. The program has no permission for the environment, so it gets
 * a plain object with the few colour variables of the snapshot instead. Call it before that library is loaded.
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
