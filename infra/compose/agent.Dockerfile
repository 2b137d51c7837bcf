# syntax=docker/dockerfile:1
# An agent with the process launcher. Mount the flows' code, and keep /data: the agent's key and journal live there.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY proto/package.json proto/
COPY sdk/package.json sdk/
COPY agent/package.json agent/
COPY control-plane/package.json control-plane/
COPY web/package.json web/
COPY infra/package.json infra/
COPY examples/package.json examples/
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace @signalbox/agent --workspace @signalbox/examples

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app ./
COPY proto/src proto/src
COPY sdk sdk
COPY agent agent
COPY examples examples
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
ENTRYPOINT ["node", "agent/src/bin.mjs"]
CMD ["start", "--data-dir", "/data"]
