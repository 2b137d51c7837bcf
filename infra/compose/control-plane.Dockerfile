# syntax=docker/dockerfile:1
# The control plane, its migrations and its seed. Built from the root: docker build -f infra/compose/control-plane.Dockerfile .
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY proto/package.json proto/
COPY sdk/package.json sdk/
COPY agent/package.json agent/
COPY control-plane/package.json control-plane/
COPY web/package.json web/
COPY infra/package.json infra/
COPY examples/package.json examples/

# The database client is generated; that needs the Prisma command, which the image itself does not.
FROM manifests AS generate
RUN npm ci --ignore-scripts --no-audit --no-fund --workspace @signalbox/control-plane
COPY control-plane/prisma control-plane/prisma
COPY control-plane/prisma.config.ts control-plane/
RUN cd control-plane && PRISMA_SCHEMA_ENGINE_BINARY="$(which node)" npx prisma generate

FROM manifests AS dependencies
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace @signalbox/control-plane

FROM node:24-bookworm-slim
ENV NODE_ENV=production SIGNALBOX_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY proto/src proto/src
COPY control-plane control-plane
COPY --from=generate /app/control-plane/src/generated control-plane/src/generated
COPY infra/compose/make-nats-trust.ts infra/compose/
USER node
EXPOSE 4200
CMD ["node", "control-plane/src/start.mjs"]
