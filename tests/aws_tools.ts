/** Finds the tools of AWS that judge this program, where they are installed. */

/**
 * The path of the Python that has botocore: `OLAWS_PYTHON`, or one on the path, where npx puts node's folder first.
 * Undefined: none.
 */
export async function findPython(): Promise<string | undefined> {
  const tried = [Deno.env.get("OLAWS_PYTHON"), "python3", "/usr/bin/python3"].filter((name) => name !== undefined);
  const source = "import botocore, sys; print(sys.executable)";
  for (const python of tried) {
    try {
      const { success, stdout } = await new Deno.Command(python, { args: ["-c", source], stderr: "null" }).output();
      if (success) return new TextDecoder().decode(stdout).trim();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/** Whether there is an AWS CLI on the path. To ask it for its version takes it half a second. */
export function hasAwsCli(): boolean {
  const [between, name] = Deno.build.os === "windows" ? [";", "aws.exe"] : [":", "aws"];
  return (Deno.env.get("PATH") ?? "").split(between).some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}
