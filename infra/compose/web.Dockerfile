# syntax=docker/dockerfile:1
# The console. Only the control plane talks to it: publish no port of it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.base.json ./
COPY proto/package.json proto/
COPY sdk/package.json sdk/
COPY agent/package.json agent/
COPY control-plane/package.json control-plane/
COPY web/package.json web/
COPY infra/package.json infra/
COPY examples/package.json examples/
RUN npm ci --ignore-scripts --no-audit --no-fund --workspace @signalbox/web
COPY proto proto
COPY sdk sdk
COPY web web
RUN npm run build --workspace @signalbox/web

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/web/.next/standalone ./
USER node
EXPOSE 3000
CMD ["node", "web/server.js"]
