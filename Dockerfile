# syntax=docker/dockerfile:1

# Both are tags, which move when Debian and Node.js publish patches. For reproducible builds, use digests:
# --build-arg NODE_IMAGE=node:24-trixie-slim@sha256:… --build-arg DEBIAN_IMAGE=debian:trixie-slim@sha256:…
ARG NODE_IMAGE=node:24-trixie-slim
ARG DEBIAN_IMAGE=debian:trixie-slim

# Installs the dependencies in package-lock.json, for this platform only.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev \
    # The package of ONNX Runtime holds the libraries of every platform, which take 280 MB.
    && find node_modules/onnxruntime-node/bin/napi-v* -mindepth 2 -maxdepth 2 \
        ! -path "*/linux/$(node --print process.arch)" -exec rm -r {} + \
    # The packages hold tests, types, manuals, styles and code generators: 45 MB that no service reads.
    && find node_modules -type d \( -name test -o -path '*/protobufjs/cli' -o -path '*/highlight.js/s[ct]*s' \) -prune -exec rm -r {} + \
    && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.d.?ts' -o -name '*.md' \) -delete

# Strips the debug symbols of Node.js, which take 18 MB.
FROM ${NODE_IMAGE} AS node
# Debian keeps only the newest build of a package, so a pinned version would soon be missing.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && strip --strip-unneeded -o /node /usr/local/bin/node

# Builds the package that `npm pack` makes, so that the image holds the same files.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run package -- --pack-destination /tmp && tar --extract --file /tmp/servery-*.tgz --directory /srv

# The model is an embedded one, or one from MODEL_URL, at any address of docs/models.md. What only the download needs, comes as a
# build secret: a file of lines NAME=value, such as AWS_SECRET_ACCESS_KEY=…. It is in no layer and not in the history.
# --build-arg MODEL_NAME=mine --build-arg MODEL_URL=s3://… --secret id=model_env,src=model.env
# An address that is a secret itself, such as a presigned URL, stands in the file, too. A token alone may come by itself:
# --secret id=model_token,env=MODEL_TOKEN
WORKDIR /srv/package
ARG MODEL_NAME=tensorfood
ARG MODEL_URL
ARG MODEL_SHA256
RUN --mount=type=bind,from=dependencies,source=/app/node_modules,target=/srv/node_modules \
    --mount=type=secret,id=model_env \
    --mount=type=secret,id=model_token \
    if [ -n "$MODEL_URL" ] || [ -s /run/secrets/model_env ]; then \
        if [ -e "models/$MODEL_NAME/model.onnx" ]; then echo "There is a model $MODEL_NAME already; choose another MODEL_NAME" >&2; exit 1; fi; \
        if [ -s /run/secrets/model_token ]; then MODEL_TOKEN=$(cat /run/secrets/model_token) && export MODEL_TOKEN; fi; \
        node --env-file-if-exists=/run/secrets/model_env dist/cli/servery.js fetch; \
    fi

FROM ${DEBIAN_IMAGE}
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    # A new volume at this path gets its owner. Without one, and read-only, models are fetched into /tmp.
    && install --directory --owner 10001 --group 10001 /cache
# Removes npm, Yarn and the headers: a service needs none of them, and most findings of scanners are in them.
COPY --from=node /usr/local/LICENSE /usr/local/share/doc/node/LICENSE
COPY --from=node /node /usr/local/bin/node
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /srv/package ./

ARG MODEL_NAME=tensorfood
# By default, glibc keeps the freed memory of each thread apart from the others; see docs/decisions/0008-memory-of-decoding.md.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MODEL_CACHE=/cache MODEL_NAME=${MODEL_NAME}
# A user without a name and a home, who may write no file but to the cache. Any other number works as well.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# tini forwards signals and reaps orphaned processes. Node.js as process 1 would not.
ENTRYPOINT ["tini", "--", "node", "dist/cli/servery.js"]
CMD ["start"]

ARG VERSION
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="Servery" \
      org.opencontainers.image.description="Serves an ONNX classifier over HTTP" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
