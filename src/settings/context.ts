import type { Deps } from "../io/deps.ts";
import type { Prompter, Reporter } from "../io/prompter.ts";
import type { Settings } from "./settings.ts";

/** What a use case is handed: the world, the settings it uses, and how to talk with the person. */
export interface Context<Part = Settings> {
  readonly deps: Deps;
  readonly settings: Part;
  readonly prompter: Prompter;
  readonly reporter: Reporter;
}
