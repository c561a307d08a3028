/** Keeps requests to this machine, and to names that lead nowhere, from any proxy of the environment. Imported for that. */
const OURS = "localhost,127.0.0.0/8,::1,invalid";
const given = Deno.env.get("NO_PROXY") ?? Deno.env.get("no_proxy") ?? "";
if (!given.endsWith(OURS)) Deno.env.set("NO_PROXY", given === "" ? OURS : `${given},${OURS}`);
