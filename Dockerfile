# syntax=docker/dockerfile:1

# The current LTS line of Node. Pin a digest where builds must be repeatable to the byte.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
# The lock file alone first: what is installed is installed again only when a dependency changes.
COPY package.json package-lock.json .npmrc ./

FROM manifests AS build
COPY client/package.json client/
COPY sandbox/package.json sandbox/
RUN npm ci
COPY . .

# What the service needs to run, and nothing of the packages beside it.
FROM manifests AS production
RUN npm ci --omit=dev --omit=optional --workspaces=false

FROM build AS service-build
RUN npx nest build

FROM build AS tools-build
RUN npm run build:tools

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
USER node

# docker build --target sandbox: stand-in providers for development. They refuse NODE_ENV=production.
FROM tools-build AS sandbox-build
RUN npm ci --omit=dev --omit=optional --workspace=payments-sandbox --include-workspace-root=false

FROM runtime AS sandbox
ENV NODE_ENV=development
COPY --from=sandbox-build /app/node_modules node_modules
COPY --from=sandbox-build /app/sandbox/package.json sandbox/
COPY --from=sandbox-build /app/sandbox/dist sandbox/dist
EXPOSE 12111 12112
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:12111/_sandbox/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "sandbox/dist/main.js"]
CMD ["--host", "0.0.0.0"]

# docker build --target orders: the example orders service, with what it is built from.
FROM runtime AS orders
COPY --from=tools-build /app/package.json ./
COPY --from=tools-build /app/node_modules node_modules
COPY --from=tools-build /app/client/package.json client/
COPY --from=tools-build /app/client/dist client/dist
COPY --from=tools-build /app/examples/orders/dist examples/orders/dist
USER root
RUN mkdir /data && chown node:node /data
USER node
ENV HOST=0.0.0.0 PORT=3002 ORDERS_DATA_DIR=/data
VOLUME /data
EXPOSE 3002
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/orders').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "examples/orders/dist/main.js"]

# The service, which is what a build without --target gives.
FROM runtime AS service
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules node_modules
COPY --from=service-build /app/dist dist
ENV HOST=0.0.0.0 PORT=3003
EXPOSE 3003
# Liveness only: a service whose database or broker is away must not be restarted, it waits for them.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No init process is needed: Node is sent SIGTERM itself, closes what is under way, and has no children.
CMD ["node", "dist/main.js"]
