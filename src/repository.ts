/** Where this project is published: the one place that says so. Whoever forks it changes this line. */
export const REPOSITORY = "onelogin/onelogin-aws-assume-role";

export const HOMEPAGE = `https://github.com/${REPOSITORY}`;

/** `host:port` that `doctor --check-release`, and nothing else, may ask which release is the newest. */
export const RELEASES_HOST = "github.com:443";
