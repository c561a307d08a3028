import assert from "node:assert/strict";
import { COMMANDS } from "./argv/options.ts";
import { readCommandLine } from "./argv/parse.ts";
import { ENV_NAMES } from "./outer_wall.ts";
import { besideNames, type Grants, grantsFor, readEnv, servePortFor, type World } from "./permissions.ts";

const HOME = "/home/ada";

/** What a run may touch in a world whose folders and links are given: `links` by path to the target as written. */
function grants(
  parts: Partial<Omit<World, "commandLine">> & {
    readonly args?: readonly string[];
    readonly links?: Readonly<Record<string, string>>;
    readonly exist?: readonly string[];
  } = {},
): Grants {
  const { args = [], links = {}, exist = [HOME, "/work", `${HOME}/.aws`, `${HOME}/.onelogin`], ...rest } = parts;
  const real = (path: string, hops = 0): string | undefined => {
    if (hops > 10) return undefined;
    const whole = path.replace(/\/\.$/, "");
    const linked =
      Object.keys(links).filter((link) => whole === link || whole.startsWith(`${link}/`)).sort((a, b) =>
        b.length - a.length
      )[0];
    if (linked !== undefined) {
      const target = links[linked] ?? "";
      const base = target.startsWith("/") ? target : `${linked.slice(0, linked.lastIndexOf("/"))}/${target}`;
      return real(base + whole.slice(linked.length), hops + 1);
    }
    return exist.includes(whole) || whole === "/" || exist.some((each) => each.startsWith(`${whole}/`))
      ? whole
      : undefined;
  };
  return grantsFor({
    commandLine: readCommandLine(args),
    env: { HOME },
    cwd: "/work",
    platform: "linux",
    realPath: (path) => real(path),
    readLink: (path) => links[path],
    read: () => undefined,
    // Names with an ending are files here.
    stat: (path) => real(path) === undefined ? undefined : { kind: /\.\w+$/.test(path) ? "file" : "directory" },
    ...rest,
  });
}

Deno.test("grantsFor() lets a plain run write ~/.aws and ~/.onelogin, and nothing outside of them", () => {
  const { write, read } = grants();
  assert.ok(write.includes(`${HOME}/.aws`) && write.includes(`${HOME}/.onelogin`));
  assert.ok(
    write.every((path) => path.startsWith(`${HOME}/.aws`) || path.startsWith(`${HOME}/.onelogin`)),
    write.join("\n"),
  );
  const elsewhere = read.filter((path) => !write.includes(path));
  assert.deepEqual([...elsewhere].sort(), [
    "/work/accounts.yaml",
    "/work/onelogin.aws.json",
    "/work/onelogin.sdk.json",
  ]);
});

Deno.test("grantsFor() grants for -f the file with its lock and temporary name, not its folder", () => {
  const { write } = grants({ args: ["-f", "/data/creds"], exist: [HOME, "/work", "/data"] });
  for (const path of besideNames("/data/creds")) assert.ok(write.includes(path), path);
  assert.ok(!write.includes("/data") && !write.includes("/"));
});

Deno.test("B3 grantsFor() resolves a bare -f name in the working folder", () => {
  const { write } = grants({ args: ["-f", "creds"] });
  assert.ok(write.includes("/work/creds") && write.includes("/work/creds.onelogin-lock"));
  assert.ok(!write.includes("/work"));
});

Deno.test("grantsFor() grants the topmost folder that -f has to make, and no existing one", () => {
  const { write } = grants({ args: ["-f", "/data/new/deeper/creds"], exist: [HOME, "/work", "/data"] });
  assert.ok(write.includes("/data/new"));
  assert.ok(!write.includes("/data"));
});

Deno.test("grantsFor() follows symlinks of folders and files to their targets, with lock and temporary names", () => {
  const folder = grants({ links: { [`${HOME}/.aws`]: "/dot/aws" }, exist: [HOME, "/work", "/dot/aws"] });
  assert.ok(folder.write.includes(`${HOME}/.aws`) && folder.write.includes("/dot/aws"));
  const file = grants({
    links: { [`${HOME}/.aws/credentials`]: "../dot/creds" },
    exist: [HOME, "/work", `${HOME}/.aws`, `${HOME}/dot/creds`],
  });
  for (const path of besideNames(`${HOME}/dot/creds`)) assert.ok(file.write.includes(path), path);
  assert.ok(!file.write.includes(`${HOME}/dot`));
  const dangling = grants({
    links: { [`${HOME}/.aws/credentials`]: "/dot/none" },
    exist: [HOME, "/work", `${HOME}/.aws`, "/dot"],
  });
  assert.ok(dangling.write.includes("/dot/none.onelogin-tmp"));
});

Deno.test("grantsFor() does not end in a circle of symlinks", () => {
  const { write } = grants({
    links: { [`${HOME}/.aws/credentials`]: "config", [`${HOME}/.aws/config`]: "credentials" },
  });
  assert.ok(write.length > 0 && write.length < 100);
});

Deno.test("grantsFor() lets a run read the file of --policy-file where it is named, and not write it", () => {
  const { read, write } = grants({ args: ["--policy-file", "policies/s3.json"] });
  assert.ok(read.includes("/work/policies/s3.json"));
  assert.ok(!write.includes("/work/policies/s3.json"));
  assert.ok(!grants().read.some((path) => path.endsWith("s3.json")));
});

Deno.test("grantsFor() lets -c read the four names in its folder and nothing else of it", () => {
  const { read, write } = grants({ args: ["-c", "/etc/onelogin"], exist: [HOME, "/work", "/etc/onelogin"] });
  const there = read.filter((path) => path.startsWith("/etc"));
  assert.deepEqual(
    [...there].sort(),
    ["accounts.yaml", "onelogin.aws.json", "onelogin.sdk.json", "team.json"].map((name) => `/etc/onelogin/${name}`),
  );
  assert.ok(!write.some((path) => path.startsWith("/etc")));
});

Deno.test("grantsFor() reads the team file in ~/.onelogin or behind -c, never in the working folder", () => {
  const link = `${HOME}/.onelogin/team.json`;
  const team = (args: readonly string[]) =>
    grants({ args, links: { [link]: "/opt/mdm/team.json" } }).read.filter((path) => path.endsWith("/team.json"));
  assert.deepEqual([...team([])].sort(), [link, "/opt/mdm/team.json"]);
  assert.deepEqual(team(["-c", "."]).filter((path) => path.startsWith("/work")), ["/work/team.json"]);
});

Deno.test("grantsFor() asks for the browser where the team file does, unless -c names another folder", () => {
  const read = (path: string) =>
    path === `${HOME}/.onelogin/team.json` ? new TextEncoder().encode('{"browser": true}') : undefined;
  const onelogin = (args: readonly string[]) => grants({ args, read }).net.some((host) => host.includes("onelogin"));
  assert.equal(onelogin([]), false);
  assert.equal(onelogin(["-c", "/etc/onelogin"]), true);
});

Deno.test("grantsFor() lets -c with a file read that file and the four names beside it", () => {
  const file = "/etc/onelogin/onelogin.aws.json";
  const { read, write } = grants({ args: ["-c", file], exist: [HOME, "/work", file] });
  assert.deepEqual(
    read.filter((path) => path.startsWith("/etc")).sort(),
    ["accounts.yaml", "onelogin.aws.json", "onelogin.sdk.json", "team.json"].map((name) => `/etc/onelogin/${name}`),
  );
  assert.ok(!write.some((path) => path.startsWith("/etc")));
});

Deno.test("grantsFor() grants the address of api_url in the first onelogin.sdk.json, and only one under onelogin.com", () => {
  const net = (files: Readonly<Record<string, string>>, env = {}) => {
    const read = (path: string) => files[path] === undefined ? undefined : new TextEncoder().encode(files[path]);
    return grants({ env: { HOME, ...env }, read }).net.filter((host) =>
      host.includes("onelogin.com") || /evil|127/.test(host)
    );
  };
  const file = `${HOME}/.onelogin/onelogin.sdk.json`;
  const usual = ["api.us.onelogin.com:443", "api.eu.onelogin.com:443"];
  assert.deepEqual(net({ [file]: '{"api_url": "https:\\/\\/acme.onelogin.com/"}' }), ["acme.onelogin.com:443"]);
  assert.deepEqual(net({ "/work/onelogin.sdk.json": "{}", [file]: '{"api_url": "https://acme.onelogin.com"}' }), usual);
  assert.deepEqual(
    net({ [file]: '{"api_url": "https://acme.onelogin.com"}' }, { ONELOGIN_API_URL: "https://b.onelogin.com" }),
    ["b.onelogin.com:443"],
  );
  for (
    const url of [
      "https://evil.example",
      "http://acme.onelogin.com",
      "http://127.0.0.1:1",
      "https://a.onelogin.com:8443",
    ]
  ) assert.deepEqual(net({ [file]: JSON.stringify({ api_url: url }) }), usual, url);
});

Deno.test("grantsFor() grants OneLogin and STS by exact host and port 443", () => {
  const { net } = grants();
  for (
    const host of [
      "api.us.onelogin.com:443",
      "api.eu.onelogin.com:443",
      "sts.us-west-2.amazonaws.com:443",
      "sts.cn-north-1.amazonaws.com.cn:443",
    ]
  ) {
    assert.ok(net.includes(host), host);
  }
  assert.ok(net.every((host) => /^[a-z0-9.-]+:443$/.test(host)), net.join("\n"));
});

Deno.test("grantsFor() grants the console's sign-in hosts, or the one of the variable, to console alone", () => {
  const env = { HOME, AWS_ENDPOINT_URL_SIGNIN: "http://127.0.0.1:8082" };
  for (const command of COMMANDS) {
    const own = grants({ args: [command] }).net.filter((host) => host.includes("signin."));
    const variable = grants({ args: [command], env }).net.filter((host) => host === "127.0.0.1:8082");
    assert.deepEqual([own.includes("signin.aws.amazon.com:443"), own.length > 3, variable.length], [
      command === "console",
      command === "console",
      command === "console" ? 1 : 0,
    ], command);
  }
  assert.deepEqual(grants({ env }).net.filter((host) => /signin|8082/.test(host)), []);
});

Deno.test("grantsFor() replaces the hosts by an endpoint variable's, and grants nothing for one the sandbox does not know", () => {
  const env = { HOME, ONELOGIN_API_URL: "http://127.0.0.1:8080", AWS_ENDPOINT_URL_STS: "http://127.0.0.1:8081" };
  const { net } = grants({ env });
  assert.ok(net.includes("127.0.0.1:8080") && net.includes("127.0.0.1:8081"));
  assert.ok(!net.some((host) => host.startsWith("api.us.onelogin") || host.startsWith("sts.")));
  const evil = grants({ env: { HOME, ONELOGIN_API_URL: "https://evil.example" } });
  assert.ok(!evil.net.some((host) => host.includes("evil")));
});

Deno.test("grantsFor() grants the STS host of a region nobody knows yet, and nothing for one that is a trick", () => {
  assert.ok(grants({ args: ["--aws-region", "xx-west-1"] }).net.includes("sts.xx-west-1.amazonaws.com:443"));
  assert.ok(grants({ env: { HOME, AWS_REGION: " XX-West-1 " } }).net.includes("sts.xx-west-1.amazonaws.com:443"));
  const { net } = grants({ args: ["--aws-region", "evil.example/"] });
  assert.ok(!net.some((host) => host.includes("evil")));
});

Deno.test("grantsFor() grants the host of the releases to doctor --check-release, that one host and nothing more", () => {
  for (
    const args of [["doctor", "--check-release"], ["--check-release", "doctor", "--quiet"], ["doctor", "--check-rel"]]
  ) {
    const asked = grants({ args });
    const plain = grants({ args: ["doctor"] });
    assert.deepEqual(asked, { ...plain, net: [...plain.net, "github.com:443"] });
  }
});

Deno.test("grantsFor() grants the host of the releases to no other command line and to no environment", () => {
  const others = COMMANDS.filter((command) => command !== "doctor");
  const lines = [
    [],
    ["doctor"],
    ["--check-release"],
    ["--check-rel", "-p", "dev"],
    ...others.map((command) => [command]),
    ...others.map((command) => [command, "--check-release"]),
    ["completion", "bash", "--", "doctor", "--check-release"],
    ["doctor", "--", "--check-release"],
    ["doctor", "--check-release=yes"],
    ["doctor", "--check-release", "--nonsense"],
    ["doctor", "--check-release", "console"],
    ["-p", "doctor", "--check-release"],
    ["doctor", "--profile=--check-release"],
    ["doctor", "--check-releases"],
    ["doctor", "--aws-region", "github.com"],
  ];
  for (const args of lines) {
    assert.deepEqual(grants({ args }).net.filter((host) => host.includes("github")), [], args.join(" "));
  }
  const everything = Object.fromEntries(ENV_NAMES.map((name) => [name, "https://github.com"]));
  for (const args of [[], ["doctor"]]) {
    assert.deepEqual(grants({ args, env: { ...everything, HOME } }).net.filter((host) => host.includes("github")), []);
  }
});

Deno.test("grantsFor() grants no file where there is no home folder: the program reports it itself", () => {
  assert.deepEqual([grants({ env: {} }).write, grants({ env: {} }).read], [[], []]);
});

Deno.test("grantsFor() takes USERPROFILE and backslashes on Windows", () => {
  const { write } = grants({
    platform: "windows",
    cwd: "C:\\work",
    env: { USERPROFILE: "C:\\Users\\Ada" },
    realPath: (path) => path,
  });
  assert.ok(
    write.includes("C:\\Users\\Ada\\.aws") && write.includes("C:\\Users\\Ada\\.aws\\credentials.onelogin-lock"),
  );
  assert.ok(write.every((path) => path.startsWith("C:\\Users\\Ada")), write.join("\n"));
});

Deno.test("grantsFor() asks for no network path, whatever leads to one", () => {
  const share = "\\\\fs\\home";
  const { read, write } = grants({
    platform: "windows",
    cwd: share,
    env: { USERPROFILE: "C:\\Users\\Ada", AWS_CA_BUNDLE: `${share}\\ca.pem` },
    realPath: (path) => path,
    readLink: (path) => path.endsWith(".aws") ? `${share}\\.aws` : undefined,
  });
  assert.ok(write.includes("C:\\Users\\Ada\\.aws"));
  assert.deepEqual([...read, ...write].filter((path) => !path.startsWith("C:\\Users\\Ada\\")), []);
});

Deno.test("readEnv() takes the variables that are set and known, and keeps this machine from any proxy", async () => {
  const set: Record<string, string> = { HOME: "/home/ada", NO_PROXY: "a.example", NO_COLOR: "", SECRET: "x" };
  assert.deepEqual(await readEnv((name) => set[name]), {
    HOME: "/home/ada",
    NO_COLOR: "",
    NO_PROXY: "localhost,127.0.0.0/8,::1,a.example",
  });
  assert.deepEqual(await readEnv(() => undefined), { NO_PROXY: "localhost,127.0.0.0/8,::1" });
});

Deno.test("servePortFor(): a port for serve alone, which adds no permission", () => {
  const portOf = (...args: string[]) => servePortFor({ commandLine: readCommandLine(args) });
  assert.deepEqual([portOf("serve"), portOf("serve", "--port", "8911")], [0, 8911]);
  for (const command of COMMANDS.filter((one) => one !== "serve" && one !== "login")) {
    assert.equal(portOf(command), undefined);
  }
  assert.deepEqual([portOf(), portOf("--port", "8911"), portOf("serve", "--port", "x")], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(grants({ args: ["serve", "--port", "8911"] }), grants());
});
