/**
 * The terminal library reads Node's `process.env`. The program has no permission for the environment, so it sets
 * a plain object with the few colour variables of the snapshot. Call this before that library is loaded. `node:process`
 * exports the same object as this global.
 */
export function limitProcessEnv(env: Readonly<Record<string, string>>, names: readonly string[]): void {
  const value: Record<string, string> = {};
  for (const name of names) {
    if (env[name] !== undefined) value[name] = env[name];
  }
  const { process } = globalThis as unknown as { readonly process: object };
  Object.defineProperty(process, "env", { value, configurable: true, writable: true });
}
