/** The texts that go along with every copy of the program. */
import denort from "./denort.json" with { type: "json" };
import { shippedPackages } from "./npm_packages.ts";
import { thirdPartyLicenses } from "./sbom.ts";
import { ROOT } from "./start_task.ts";

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
    thirdParty: thirdPartyLicenses(await shippedPackages(), denort),
    description: await Deno.readTextFile(new URL("packaging/description.md", ROOT)),
  };
}
