/** Where this project is published: the one place that says so. Whoever forks it changes this line. */
export const REPOSITORY = "onelogin/onelogin-aws-assume-role";

export const HOMEPAGE = `https://github.com/${REPOSITORY}`;
