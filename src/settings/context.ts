import type { Deps } from "../io/deps.ts";
import type { Prompter, Reporter } from "../io/prompter.ts";
import type { Places, Settings } from "./settings.ts";

/** What a use case gets: Deps, the settings that it uses, and how to talk to the user. */
export interface Context<Part = Settings> {
  readonly deps: Deps;
  readonly settings: Part;
  readonly prompter: Prompter;
  readonly reporter: Reporter;
}

/** What reading and writing this program's own files takes. */
export type Place<Part = Places> = Pick<Context<Part>, "deps" | "settings">;
