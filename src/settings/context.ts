import type { Settings } from "./settings.ts";
import type { Deps } from "../io/deps.ts";
import type { Prompter, Reporter } from "../io/prompter.ts";

/** What every use case is handed: the world, what was asked for, and how to talk with the person. */
export interface Context {
  readonly deps: Deps;
  readonly settings: Settings;
  readonly prompter: Prompter;
  readonly reporter: Reporter;
}
