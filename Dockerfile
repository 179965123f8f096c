# One image for every part; the command decides which: edge (the default), consumer, dashboard or seed.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Without --omit=optional the optional peer dependency of valibot would install TypeScript: 30 MB.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    DATA_DIR=/data \
    NODE_COMPILE_CACHE=/app/compile-cache
WORKDIR /app
RUN mkdir /data compile-cache && chown node:node /data compile-cache
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY proto proto
COPY store store
COPY wasm wasm
COPY edge edge
COPY consumer consumer
COPY dashboard dashboard
COPY start start
COPY --from=build /app/wasm/build wasm/build
COPY --from=build /app/dashboard/web/dist dashboard/web/dist
USER node
# As the user who reads it: each user has a cache of its own.
RUN node supervisor/build/warm-modules.ts
EXPOSE 8080 8090
# HEALTH_PORT says which port answers where this container does not run the edge.
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "supervisor/service/health.ts"]
# Node is process 1 and handles SIGTERM itself: no shell and no npm in between.
# A small space for new objects: what lives through one request is copied less often, and 100 MB less are in use.
CMD ["node", "--max-semi-space-size=2", "edge/runtime/node.ts"]
