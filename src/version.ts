/** The name of this program, as it is typed. */
export const PROGRAM = "onelogin-aws-assume-role";

/** The version of this program, the same as in deno.json (a test compares them). */
export const VERSION = "3.0.0-alpha.1";
