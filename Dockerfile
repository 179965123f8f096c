# One image for every process; the command selects it: edge (the default), consumer, dashboard, or votewire <command>.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# --omit=optional excludes TypeScript (30 MB), an optional peer dependency of valibot.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    # A single malloc arena: one per thread would take 10 to 30 MB more in total.
    MALLOC_ARENA_MAX=1 \
    DATA_DIR=/data \
    NODE_COMPILE_CACHE=/app/compile-cache
WORKDIR /app
RUN mkdir /data compile-cache && chown node:node /data compile-cache \
 && ln -s /app/cli/main.ts /usr/local/bin/votewire
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY proto proto
COPY config config
COPY log log
COPY telemetry telemetry
COPY http http
COPY store store
COPY wasm wasm
COPY edge edge
COPY consumer consumer
COPY dashboard dashboard
COPY cli cli
COPY supervisor supervisor
COPY --from=build /app/wasm/build wasm/build
COPY --from=build /app/dashboard/web/dist dashboard/web/dist
USER node
# Runs as the service's user, because each user has its own cache.
RUN node supervisor/build/warm-modules.ts
# docker build --build-arg COMMIT=$(git rev-parse HEAD) --build-arg CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)
ARG VERSION=0.1.0
ARG COMMIT=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="Votewire" \
      org.opencontainers.image.description="Live voting with every acknowledged vote counted exactly once" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/votewire/votewire" \
      org.opencontainers.image.documentation="https://github.com/votewire/votewire#readme" \
      org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$CREATED"
ENV VOTEWIRE_COMMIT=$COMMIT
EXPOSE 8080 8090
# Checks the edge's port; docker-compose.yml sets the port of the other services.
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 CMD ["supervisor/service/health"]
# Node is process 1, without a shell or npm in between, so that it receives SIGTERM.
# By default V8 uses up to 130 MB for new objects on a large machine; smaller semi-spaces than 4 MB cost CPU.
CMD ["node", "--max-semi-space-size=4", "edge/main.ts"]
