# syntax=docker/dockerfile:1
# The program, the C library it needs, and nothing else: no shell, no package manager. docs/docker.md says how to run it.

FROM gcr.io/distroless/cc-debian12:nonroot AS base

FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
# What --version says it was built from; the repository's history does not come in here.
ARG COMMIT=
RUN OLAWS_COMMIT="$COMMIT" npx -y deno@2.9.6 task compile
# The home folder is that of the Python tool's image, so that its "docker run" line mounts to the right places; it is open
# to whichever user the container runs as. It holds nothing but what is mounted.
COPY --from=base / /rootfs
RUN chmod 0755 /rootfs/root \
  && install -d -m 0777 /rootfs/root/.aws /rootfs/root/.onelogin \
  && install -D -m 0755 dist/onelogin-aws-assume-role /rootfs/usr/local/bin/onelogin-aws-assume-role

FROM scratch
COPY --from=build /rootfs /
ENV HOME=/root PATH=/usr/local/bin
WORKDIR /root
# The first user of most Linux machines, whose mounted files it has to read and write. Others: --user "$(id -u):$(id -g)".
USER 1000:1000
CMD ["onelogin-aws-assume-role"]
