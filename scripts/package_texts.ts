/** The texts that go along with every copy of the program. */
import { ROOT } from "./start_task.ts";
import { licenseText } from "../src/commands/licenses.ts";

export interface PackageTexts {
  readonly license: string;
  readonly thirdParty: string;
  /** What PyPI and npm show, in Markdown. */
  readonly description: string;
}

/** Reads them from this checkout. */
export async function packageTexts(): Promise<PackageTexts> {
  return {
    license: await Deno.readTextFile(new URL("LICENSE", ROOT)),
    thirdParty: licenseText(),
    description: await Deno.readTextFile(new URL("packaging/description.md", ROOT)),
  };
}
