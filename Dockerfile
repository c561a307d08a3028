# The program, the C library it needs, and nothing else: no shell, no package manager. docs/docker.md says how to run it.
# What goes in is pinned by checksum: these images, the packages, Deno and its runtime (scripts/denort.json).

FROM gcr.io/distroless/cc-debian13:nonroot@sha256:e792ab3d241a468a4fd7519ddbbebe66b49b5f365771716ea688ad40b6c6f1c2 AS base

FROM node:22.23.2-trixie-slim@sha256:7b8a0c89c54499bee567618f96578e1a12a800f062fbdbfd1fb6a443fa6f6284 AS build
WORKDIR /src
COPY . .
# What --version says it was built from; the repository's history does not come in here.
ARG COMMIT=
RUN OLAWS_COMMIT="$COMMIT" npx -y deno@2.9.6 task compile --pinned
# The home folder is that of the Python tool's image, so that its "docker run" line mounts to the right places; it is open
# to whichever user the container runs as. It holds nothing but what is mounted.
COPY --from=base / /rootfs
RUN chmod 0755 /rootfs/root \
  && install -d -m 0777 /rootfs/root/.aws /rootfs/root/.onelogin \
  && install -D -m 0755 dist/onelogin-aws-assume-role /rootfs/usr/local/bin/onelogin-aws-assume-role \
  && install -d /rootfs/usr/share/doc/onelogin-aws-assume-role \
  && dist/onelogin-aws-assume-role --licenses > /rootfs/usr/share/doc/onelogin-aws-assume-role/THIRD_PARTY_LICENSES

FROM scratch
COPY --from=build /rootfs /
ENV HOME=/root PATH=/usr/local/bin
WORKDIR /root
# The first user of most Linux machines, whose mounted files it has to read and write. Others: --user "$(id -u):$(id -g)".
USER 1000:1000
CMD ["onelogin-aws-assume-role"]
